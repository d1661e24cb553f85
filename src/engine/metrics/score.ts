// Scores that select a strength of the path: the loss on held-out rows, and the counts from which accuracy and macro-F1 follow.
import type { SelectionMetric } from "../../contract/recipes.ts";
import type { Targets } from "../../tensor/products.ts";
import { isSet, sigmoid } from "../heads/sigmoid.ts";
import { argmax } from "../heads/softmax.ts";
import { addLosses, emptyLosses, type LossSums, leastLoss, lossesOf } from "./calibrated-loss.ts";
import { crossEntropy, macroF1 } from "./classification.ts";

/** Sums over held-out rows. By output: rows that have it (`support`), rows predicted as it (`predicted`), and both (`hits`). */
export interface ScoreSums {
  rows: number;
  /** Σ log loss, or Σ squared error of a regression. For a classification, use `losses`. */
  loss: number;
  /** Σ cross-entropy of a classification at several temperatures. */
  readonly losses: LossSums;
  /** Rows whose label, or whose set of labels, is exactly right. */
  exact: number;
  readonly hits: Float64Array;
  readonly predicted: Float64Array;
  readonly support: Float64Array;
}

export const emptyScoreSums = (outputs: number): ScoreSums => ({
  rows: 0,
  loss: 0,
  exact: 0,
  hits: new Float64Array(outputs),
  predicted: new Float64Array(outputs),
  support: new Float64Array(outputs),
  losses: emptyLosses(),
});

type AddRow = (sums: ScoreSums, z: Float32Array, targets: Targets, r: number) => void;
/** Adds outputs [rows][outputs] of a head, in place. */
type AddScores = (sums: ScoreSums, outputs: Float32Array, targets: Targets, rows: number) => ScoreSums;

const rowByRow =
  (add: AddRow): AddScores =>
  (sums, outputs, targets, rows) => {
    const width = outputs.length / rows;
    for (let r = 0; r < rows; r++) add(sums, outputs.subarray(r * width, (r + 1) * width), targets, r);
    sums.rows += rows;
    return sums;
  };

export const addClassScores: AddScores = (sums, outputs, targets, rows) => {
  addLosses(sums.losses, outputs, targets as Int32Array);
  return rowByRow(addClass)(sums, outputs, targets, rows);
};
export const addSetScores = rowByRow(addLabels);
export const addValueScores = rowByRow(addValue);

function addClass(sums: ScoreSums, z: Float32Array, targets: Targets, r: number): void {
  const label = targets[r] as number;
  const best = argmax(z);
  if (label === best) sums.exact++;
  count(sums, label === best ? best : -1, best, label);
}

function addLabels(sums: ScoreSums, z: Float32Array, targets: Targets, r: number): void {
  let loss = 0;
  let exact = 1;
  for (let k = 0; k < z.length; k++) {
    const truth = isSet(targets as Uint8Array, r, k, z.length);
    const said = (z[k] as number) > 0;
    if (truth !== said) exact = 0;
    loss += crossEntropy(sigmoid((truth ? 1 : -1) * (z[k] as number)));
    count(sums, truth && said ? k : -1, said ? k : -1, truth ? k : -1);
  }
  sums.loss += loss / z.length;
  sums.exact += exact;
}

function addValue(sums: ScoreSums, z: Float32Array, targets: Targets, r: number): void {
  sums.loss += ((z[0] as number) - (targets[r] as number)) ** 2;
}

function count(sums: ScoreSums, hit: number, predicted: number, truth: number): void {
  if (hit >= 0) sums.hits[hit] = (sums.hits[hit] as number) + 1;
  if (predicted >= 0) sums.predicted[predicted] = (sums.predicted[predicted] as number) + 1;
  if (truth >= 0) sums.support[truth] = (sums.support[truth] as number) + 1;
}

/** Mean log loss of held-out rows; mean squared error of a regression. */
export const meanLoss = ({ loss, rows }: ScoreSums): number => loss / rows;
/** Mean log loss of a classification after calibration. */
export const calibratedLoss = ({ losses, rows }: ScoreSums): number => leastLoss(lossesOf(losses)) / rows;

/** The value to minimise if a metric selects: one minus the metric. */
export const shortfall = (sums: ScoreSums, metric: Exclude<SelectionMetric, "log_loss">): number =>
  metric === "accuracy" ? 1 - sums.exact / sums.rows : 1 - macroF1(sums);
