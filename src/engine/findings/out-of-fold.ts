// Scores of every example by a model that did not see it. Conformal thresholds and label checks use them.
import type { Verdict } from "../metrics/classification.ts";

/** By row, fold after fold in canonical order. A row without a score yet has best −1. */
export interface OutOfFold {
  /** Probability of the row's own label. */
  readonly trueScore: Float32Array;
  /** The most probable label, and its probability. */
  readonly best: Int32Array;
  readonly bestScore: Float32Array;
}

export const emptyOutOfFold = (rows: number): OutOfFold => ({
  trueScore: new Float32Array(rows),
  best: new Int32Array(rows).fill(-1),
  bestScore: new Float32Array(rows),
});

/** Returns a function that records the score of each row, counted from `first`. */
export const recorder =
  (outOfFold: OutOfFold | null, first: number) =>
  (row: number, verdict: Verdict): void => {
    if (!outOfFold) return;
    outOfFold.trueScore[first + row] = verdict.trueScore;
    outOfFold.best[first + row] = verdict.best;
    outOfFold.bestScore[first + row] = verdict.bestScore;
  };
