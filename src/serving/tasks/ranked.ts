// Scores of labels, as answers list them.
import type { Classified } from "../../contract/predict.ts";

export type Score = Classified["scores"][number];

/** Best first. */
export function ranked(labels: readonly string[], scores: ArrayLike<number>): Score[] {
  const all = labels.map((label, k) => ({ label, score: scores[k] as number }));
  return all.sort((a, b) => b.score - a.score);
}
