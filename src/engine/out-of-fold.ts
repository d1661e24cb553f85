// What every example was scored by a model that did not see it: what coverage and label checks stand on.
import type { Verdict } from "./metrics/classification.ts";

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

/** Notes what each row from `first` on was scored. */
export const recorder =
  (outOfFold: OutOfFold | null, first: number) =>
  (row: number, verdict: Verdict): void => {
    if (!outOfFold) return;
    outOfFold.trueScore[first + row] = verdict.trueScore;
    outOfFold.best[first + row] = verdict.best;
    outOfFold.bestScore[first + row] = verdict.bestScore;
  };
