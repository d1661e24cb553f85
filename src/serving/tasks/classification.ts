// Answers of a classification: the most probable label, all probabilities, and a conformal set.
import type { Classified } from "../../contract/predict.ts";
import { LIMITS } from "../../core/limits.ts";
import { conformalThreshold } from "../../engine/heads/conformal.ts";
import { softmaxRow } from "../../engine/heads/softmax.ts";
import type { ScoringOptions, ServedHead, ServedTask } from "./kind.ts";
import { ranked, type Score } from "./ranked.ts";

export const classification: ServedTask = { answer: classify, activation: "softmax", hasThresholds: false };

/** Buffer for the scores of one row, reused for the next: one per row would allocate memory outside of V8's heap. */
const scoreRoom = new Float64Array(LIMITS.labelsPerHead);

function classify(head: ServedHead, outputs: Float32Array, { top, threshold, coverage }: ScoringOptions): Classified {
  const shares = softmaxRow(outputs, 1 / head.temperature, scoreRoom.subarray(0, outputs.length));
  const scores = ranked(head.labels, shares);
  const best = scores[0] as Score;
  const abstained = threshold !== undefined && best.score < threshold;
  const label = abstained ? null : best.label;
  const answer = { label, score: best.score, abstained, scores: scores.slice(0, top ?? scores.length) };
  return coverage === undefined ? answer : { ...answer, set: conformalSet(head, scores, coverage) };
}

/** Never empty: the best label is always in the set, even if it alone exceeds the requested coverage. */
function conformalSet({ conformal }: ServedHead, scores: readonly Score[], coverage: number): string[] {
  // A version older than conformal sets has no thresholds: all labels are in its set.
  const least = conformal ? conformalThreshold(conformal, coverage) : 0;
  // Rounded like the scores of held-out rows: a score equal to theirs must reach the smallest of them.
  return scores.filter(({ score }, rank) => rank === 0 || Math.fround(score) >= least).map(({ label }) => label);
}
