// Metrics of a multi-label head. Every label has its own threshold: the score at which its recalibrated probability
// (./recalibration.ts) reaches the cut that all labels share (./common-cut.ts).
import type { MultilabelMetrics } from "../../contract/metrics.ts";
import { isSet, sigmoid } from "../heads/sigmoid.ts";
import {
  addToBin,
  crossEntropy,
  emptyBins,
  expectedCalibrationError,
  mean,
  precisionRecall,
  total,
} from "./classification.ts";
import { LOGIT_BINS, logitBin } from "./recalibration.ts";

export interface MultilabelSums {
  rows: number;
  logLoss: number;
  /** Σ over rows of the squared loss. */
  logLossSquares: number;
  /** [labels][LOGIT_BINS][rows without, rows with the label], by calibrated logit. */
  readonly logits: Float64Array;
  /** Bins of the scores of all labels together, as in ./classification.ts. */
  readonly bins: Float64Array;
  readonly binsUncalibrated: Float64Array;
}

export const emptyMultilabel = (labels: number): MultilabelSums => ({
  rows: 0,
  logLoss: 0,
  logLossSquares: 0,
  logits: new Float64Array(2 * LOGIT_BINS * labels),
  bins: emptyBins(),
  binsUncalibrated: emptyBins(),
});

/** Adds row `r` of the sets, with logits `z` [labels], at inverse temperature β, in place. */
export function addSets(
  sums: MultilabelSums,
  z: Float32Array | Float64Array,
  sets: Uint8Array,
  r: number,
  beta: number,
): void {
  let loss = 0;
  for (let k = 0; k < z.length; k++) {
    const truth = isSet(sets, r, k, z.length) ? 1 : 0;
    const logit = beta * (z[k] as number);
    const score = sigmoid(logit);
    loss += crossEntropy(truth ? score : 1 - score);
    const at = 2 * (k * LOGIT_BINS + logitBin(logit)) + truth;
    sums.logits[at] = (sums.logits[at] as number) + 1;
    addToBin(sums.bins, score, truth);
    addToBin(sums.binsUncalibrated, sigmoid(z[k] as number), truth);
  }
  sums.logLoss += loss / z.length;
  sums.logLossSquares += (loss / z.length) ** 2;
  sums.rows++;
}

/** Counts at given thresholds: by label, the rows correctly given it, given it, and having it. */
export interface SetCounts {
  /** Rows whose set is exactly right. */
  exact: number;
  readonly hits: Float64Array;
  readonly predicted: Float64Array;
  readonly support: Float64Array;
}

export const emptySetCounts = (labels: number): SetCounts => ({
  exact: 0,
  hits: new Float64Array(labels),
  predicted: new Float64Array(labels),
  support: new Float64Array(labels),
});

/** Adds row `r` as `addSets` does, answered at `thresholds`, in place. */
export function countSet(
  counts: SetCounts,
  thresholds: readonly number[],
  z: Float32Array | Float64Array,
  sets: Uint8Array,
  r: number,
  beta: number,
): void {
  const { hits, predicted, support } = counts;
  let exact = 1;
  for (let k = 0; k < z.length; k++) {
    const has = isSet(sets, r, k, z.length);
    const said = sigmoid(beta * (z[k] as number)) >= (thresholds[k] as number);
    if (has !== said) exact = 0;
    if (has && said) hits[k] = (hits[k] as number) + 1;
    if (said) predicted[k] = (predicted[k] as number) + 1;
    if (has) support[k] = (support[k] as number) + 1;
  }
  counts.exact += exact;
}

export function multilabelMetricsOf(
  sums: MultilabelSums,
  labels: readonly string[],
  thresholds: readonly number[],
  { exact, hits, predicted, support }: SetCounts,
): MultilabelMetrics {
  const perLabel = labels.map((label, k) => ({
    label,
    ...precisionRecall(hits[k] as number, predicted[k] as number, support[k] as number),
    threshold: thresholds[k] as number,
  }));
  const sumOf = (counts: Float64Array): number => total(Array.from(counts));
  return {
    examples: sums.rows,
    subset_accuracy: exact / sums.rows,
    micro_f1: precisionRecall(sumOf(hits), sumOf(predicted), sumOf(support)).f1,
    macro_f1: mean(perLabel.filter((each) => each.support > 0).map(({ f1 }) => f1)),
    log_loss: sums.logLoss / sums.rows,
    ece: expectedCalibrationError(sums.bins),
    per_label: perLabel,
  };
}
