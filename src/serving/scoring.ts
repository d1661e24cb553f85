// From feature rows to answers: the forward pass of a version, calibrated, ranked, and withheld below the threshold.
import type { Prediction } from "../contract/predict.ts";
import type { ReadyHead } from "../engine/heads/ready-head.ts";
import { scaleRows } from "../engine/heads/scaler.ts";
import { softmaxRow } from "../engine/heads/softmax.ts";
import { bootTensor } from "../tensor/boot.ts";
import { FeatureTensor, strideOf } from "../tensor/products.ts";

export interface ScoringOptions {
  /** How many scores to list; all when absent. */
  readonly top?: number | undefined;
  /** Abstain when the best score is below. */
  readonly threshold?: number | undefined;
}

/** One prediction per row of `features` [rows][dims]. A row's answer does not depend on its neighbours, to the bit. */
export async function scoreRows(
  head: ReadyHead,
  features: Float32Array,
  options: ScoringOptions,
): Promise<Prediction[]> {
  await bootTensor();
  const { labels, temperature } = head.trained;
  const logits = forwardRows(head, features);
  const scores = new Float64Array(labels.length);
  return Array.from({ length: logits.length / labels.length }, (_, r) => {
    softmaxRow(logits.subarray(r * labels.length, (r + 1) * labels.length), 1 / temperature, scores);
    return answer(labels, scores, options);
  });
}

function forwardRows(head: ReadyHead, features: Float32Array): Float32Array {
  const { scaler } = head.trained;
  const dims = scaler.mean.length;
  const x = new FeatureTensor(scaleRows(features, scaler), features.length / dims, strideOf(dims));
  try {
    return head.forward(x);
  } finally {
    x.dispose();
  }
}

function answer(labels: readonly string[], scores: Float64Array, { top, threshold }: ScoringOptions): Prediction {
  const ranked = labels.map((label, k) => ({ label, score: scores[k] as number }));
  ranked.sort((a, b) => b.score - a.score);
  const best = ranked[0] as (typeof ranked)[number];
  const abstained = threshold !== undefined && best.score < threshold;
  return {
    label: abstained ? null : best.label,
    score: best.score,
    abstained,
    scores: ranked.slice(0, top ?? ranked.length),
  };
}
