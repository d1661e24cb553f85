// Turns feature rows into answers: the forward pass of a version, calibration, ranking, and abstention below the threshold.
import type { Classified, Labelled, Prediction, Valued } from "../contract/predict.ts";
import { LIMITS } from "../core/limits.ts";
import { isolateMemory } from "../core/memory-budget.ts";
import { conformalThreshold } from "../engine/heads/conformal.ts";
import type { ReadyHead } from "../engine/heads/ready-head.ts";
import { scaleRows } from "../engine/heads/scaler.ts";
import { sigmoid } from "../engine/heads/sigmoid.ts";
import { softmaxRow } from "../engine/heads/softmax.ts";
import type { TrainedHead } from "../engine/heads/trained-head.ts";
import { bootTensor } from "../tensor/boot.ts";
import { FeatureTensor } from "../tensor/features.ts";

export interface ScoringOptions {
  /** Number of scores to list; absent: all. */
  readonly top?: number | undefined;
  /** Abstain if the best score is lower. For label sets: the score that each label needs. */
  readonly threshold?: number | undefined;
  /** Add the set of labels that contains the right one with this probability. */
  readonly coverage?: number | undefined;
}

/** Buffer for the scores of one row, reused for the next: one per row would allocate memory outside of V8's heap. */
const scoreRoom = new Float64Array(LIMITS.labelsPerHead);

/** One prediction per row of `features` [rows][dims]. A row's answer does not depend on other rows, to the bit. */
export async function scoreRows(
  head: ReadyHead,
  features: Float32Array,
  options: ScoringOptions,
): Promise<Prediction[]> {
  return scoreIfReady(head, features, options) ?? answersOf(head, await forwardRows(head, features), options);
}

/** The same without waiting; null if it needs a tensor. */
export function scoreIfReady(head: ReadyHead, features: Float32Array, options: ScoringOptions): Prediction[] | null {
  const outputs = head.forwardRaw(features, rowsOf(head, features));
  return outputs && answersOf(head, outputs, options);
}

const rowsOf = ({ trained }: ReadyHead, features: Float32Array): number => features.length / trained.scaler.mean.length;

function answersOf({ trained }: ReadyHead, outputs: Float32Array, options: ScoringOptions): Prediction[] {
  const width = Math.max(1, trained.labels.length);
  const answer = ANSWERS[trained.task];
  if (outputs.length === width) return [answer(trained, outputs, options)];
  return Array.from({ length: outputs.length / width }, (_, r) =>
    answer(trained, outputs.subarray(r * width, (r + 1) * width), options),
  );
}

/** Its heap memory is counted in the budget, but never waited for. */
async function forwardRows(head: ReadyHead, features: Float32Array): Promise<Float32Array> {
  await bootTensor();
  const { scaler } = head.trained;
  const memory = isolateMemory.take(head.bytes + 2 * features.byteLength);
  const x = FeatureTensor.single(scaleRows(features, scaler), rowsOf(head, features), scaler.mean.length);
  try {
    return head.forward(x);
  } finally {
    x.dispose();
    memory.release();
  }
}

type Answer = (head: ReadyHead["trained"], outputs: Float32Array, options: ScoringOptions) => Prediction;

const ANSWERS: Readonly<Record<TrainedHead["task"], Answer>> = {
  classification: classify,
  multilabel: setLabels,
  regression: ({ scaler: { target } }, outputs): Valued => ({
    value: target.mean + target.deviation * (outputs[0] as number),
  }),
};

type Score = Classified["scores"][number];
/** Best first. */
function ranked(labels: readonly string[], scores: ArrayLike<number>): Score[] {
  const all = labels.map((label, k) => ({ label, score: scores[k] as number }));
  return all.sort((a, b) => b.score - a.score);
}

function classify(
  head: ReadyHead["trained"],
  outputs: Float32Array,
  { top, threshold, coverage }: ScoringOptions,
): Classified {
  const shares = softmaxRow(outputs, 1 / head.temperature, scoreRoom.subarray(0, outputs.length));
  const scores = ranked(head.labels, shares);
  const best = scores[0] as Score;
  const abstained = threshold !== undefined && best.score < threshold;
  const label = abstained ? null : best.label;
  const answer = { label, score: best.score, abstained, scores: scores.slice(0, top ?? scores.length) };
  return coverage === undefined ? answer : { ...answer, set: conformalSet(head, scores, coverage) };
}

/** Never empty: the best label is always in the set, even if it alone exceeds the requested coverage. */
function conformalSet({ conformal }: ReadyHead["trained"], scores: readonly Score[], coverage: number): string[] {
  // A version older than conformal sets has no thresholds: all labels are in its set.
  const least = conformal ? conformalThreshold(conformal, coverage) : 0;
  // Rounded like the scores of held-out rows: a score equal to theirs must reach the smallest of them.
  return scores.filter(({ score }, rank) => rank === 0 || Math.fround(score) >= least).map(({ label }) => label);
}

function setLabels(head: ReadyHead["trained"], outputs: Float32Array, { top, threshold }: ScoringOptions): Labelled {
  const raw = Array.from(outputs, (z) => sigmoid(z / head.temperature));
  const scores = ranked(head.labels, raw);
  const needs = new Map(head.labels.map((label, k) => [label, threshold ?? head.thresholds?.[k] ?? 0.5]));
  const labels = scores.filter(({ label, score }) => score >= (needs.get(label) as number)).map(({ label }) => label);
  return { labels, scores: scores.slice(0, top ?? scores.length) };
}
