// Bootstrap intervals (Efron 1979, percentiles) from a confusion matrix. All rows of a cell are alike, so cells are resampled
// with one Poisson count each. With growing rows this approaches the multinomial of whole resamples.
import type { ClassificationMetrics } from "../../contract/metrics.ts";
import { seededRandom } from "../data/seeded-random.ts";
import { macroF1 } from "./classification.ts";

/** Plain data, so that a checkpoint can hold it between two resamples. */
export interface Resamples {
  /** For each non-empty cell: truth, predicted, rows. */
  readonly cells: Int32Array;
  readonly classes: number;
  readonly seed: number;
  accuracies: number[];
  macroF1s: number[];
}

/** Prepares resamples of `confusion` [truth][predicted], a square of counts. */
export function startResamples(confusion: Int32Array, seed: number): Resamples {
  const classes = Math.sqrt(confusion.length);
  const cells: number[] = [];
  for (let at = 0; at < confusion.length; at++) {
    const rows = confusion[at] as number;
    if (rows > 0) cells.push(Math.floor(at / classes), at % classes, rows);
  }
  return { cells: Int32Array.from(cells), classes, seed, accuracies: [], macroF1s: [] };
}

/** Adds one more resample, in place. */
export function resample(sums: Resamples): void {
  const { cells, classes, seed, accuracies, macroF1s } = sums;
  const random = seededRandom(seed + 7_919 * (accuracies.length + 1));
  const [hits, predicted, support] = [new Int32Array(classes), new Int32Array(classes), new Int32Array(classes)];
  let rows = 0;
  for (let at = 0; at < cells.length; at += 3) {
    const [truth, said, count] = [cells[at], cells[at + 1], cells[at + 2]] as [number, number, number];
    const drawn = random.poisson(count);
    rows += drawn;
    support[truth] = (support[truth] as number) + drawn;
    predicted[said] = (predicted[said] as number) + drawn;
    if (truth === said) hits[truth] = (hits[truth] as number) + drawn;
  }
  accuracies.push(rows === 0 ? 0 : hits.reduce((a, b) => a + b, 0) / rows);
  macroF1s.push(macroF1({ hits, predicted, support }));
}

type Intervals = Required<Pick<ClassificationMetrics, "accuracy_interval" | "macro_f1_interval">>;

/** The 95 % intervals: percentiles 2.5 and 97.5 of the resamples. */
export const bootstrap = ({ accuracies, macroF1s }: Resamples): Intervals => ({
  accuracy_interval: middle(accuracies),
  macro_f1_interval: middle(macroF1s),
});

function middle(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}
