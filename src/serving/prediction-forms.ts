// Reads the parts of a prediction that are counted, for each of its forms: a label with scores, a set of labels, or a value.
import type { Prediction } from "../contract/predict.ts";

/** null for a value. */
export function bestScoreOf(prediction: Prediction): number | null {
  if ("value" in prediction) return null;
  return "score" in prediction ? prediction.score : (prediction.scores[0]?.score ?? 0);
}

/** The best score; for a regression, its value. */
export const figureOf = (prediction: Prediction): number =>
  "value" in prediction ? prediction.value : (bestScoreOf(prediction) as number);

export const hasAbstained = (prediction: Prediction): boolean => "abstained" in prediction && prediction.abstained;

/** Labels of a prediction, whether it abstained or not; none for a value. */
export function labelsOf(prediction: Prediction): readonly string[] {
  if ("value" in prediction) return [];
  return "labels" in prediction ? prediction.labels : [prediction.scores[0]?.label ?? ""];
}

/** Whether two versions agree: the same best label, the same set, or values within a hundredth of each other. */
export function agree(a: Prediction, b: Prediction): boolean {
  if ("value" in a || "value" in b) return "value" in a && "value" in b && isNear(a.value, b.value);
  const [own, other] = [labelsOf(a), labelsOf(b)];
  return own.length === other.length && own.every((label) => other.includes(label));
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b), 1e-12);

/** Uncertainty of a prediction, 0 to 1. For a label set: of its most uncertain label. For a value: always 0. */
export function uncertaintyOf(prediction: Prediction): number {
  if ("value" in prediction) return 0;
  if ("score" in prediction) return 1 - prediction.score;
  return prediction.scores.reduce((most, { score }) => Math.max(most, 1 - Math.abs(2 * score - 1)), 0);
}
