// Figures of a multi-label head. Every label has a threshold of its own, the one that was best on rows held out.
import type { MultilabelMetrics } from "../../contract/metrics.ts";
import { isSet, sigmoid } from "../heads/sigmoid.ts";
import {
  addToBin,
  crossEntropy,
  emptyBins,
  expectedCalibrationError,
  mean,
  precisionRecall,
} from "./classification.ts";

/** Thresholds that a label may get: one in the middle of each score bin's edges. */
const SCORE_BINS = 100;

export interface MultilabelSums {
  rows: number;
  logLoss: number;
  /** [labels][SCORE_BINS][rows without, rows with the label] */
  readonly scores: Float64Array;
  /** Of the scores of all labels together, as in ./classification.ts. */
  readonly bins: Float64Array;
  readonly binsUncalibrated: Float64Array;
}

export const emptyMultilabel = (labels: number): MultilabelSums => ({
  ...{ rows: 0, logLoss: 0, scores: new Float64Array(2 * SCORE_BINS * labels) },
  ...{ bins: emptyBins(), binsUncalibrated: emptyBins() },
});

/** Adds row `r` of the sets, whose logits are `z` [labels], at inverse temperature β, in place. */
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
    const score = sigmoid(beta * (z[k] as number));
    loss += crossEntropy(truth ? score : 1 - score);
    const at = 2 * (k * SCORE_BINS + binOf(score)) + truth;
    sums.scores[at] = (sums.scores[at] as number) + 1;
    addToBin(sums.bins, score, truth);
    addToBin(sums.binsUncalibrated, sigmoid(z[k] as number), truth);
  }
  sums.logLoss += loss / z.length;
  sums.rows++;
}

const binOf = (score: number): number => Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));

/** By label, the threshold with the best F1 on the rows held out; one half for a label that none of them has. */
export function thresholdsOf({ scores }: MultilabelSums): number[] {
  const labels = scores.length / (2 * SCORE_BINS);
  return Array.from({ length: labels }, (_, k) => bestThreshold(countsFrom(scores, k)));
}

interface Counts {
  readonly threshold: number;
  readonly hits: number;
  readonly predicted: number;
  readonly support: number;
}

/** What every threshold would come to, from the highest down. */
function countsFrom(scores: Float64Array, k: number): Counts[] {
  const own = scores.subarray(2 * k * SCORE_BINS, 2 * (k + 1) * SCORE_BINS);
  const support = own.reduce((sum, count, i) => sum + (i % 2 ? count : 0), 0);
  let [hits, predicted] = [0, 0];
  return Array.from({ length: SCORE_BINS }, (_, i) => {
    const bin = SCORE_BINS - 1 - i;
    hits += own[2 * bin + 1] as number;
    predicted += (own[2 * bin] as number) + (own[2 * bin + 1] as number);
    return { threshold: bin / SCORE_BINS, hits, predicted, support };
  });
}

const f1Of = ({ hits, predicted, support }: Counts): number => precisionRecall(hits, predicted, support).f1;

/** Among equals the one nearest to one half: few rows must not push a threshold to the edge. */
function bestThreshold(counts: readonly Counts[]): number {
  if ((counts[0]?.support ?? 0) === 0) return 0.5;
  const best = Math.max(...counts.map(f1Of));
  const distance = ({ threshold }: Counts): number => Math.abs(threshold - 0.5);
  const ties = counts.filter((each) => f1Of(each) >= best - 1e-12).sort((a, b) => distance(a) - distance(b));
  return ties[0]?.threshold ?? 0.5;
}

/** Sets are exact only by row: how often they are is counted apart. */
export function multilabelMetricsOf(
  sums: MultilabelSums,
  labels: readonly string[],
  thresholds: readonly number[],
  exact: number,
): MultilabelMetrics {
  const counts = labels.map((_, k) => {
    const own = countsFrom(sums.scores, k);
    return own.find(({ threshold }) => threshold <= (thresholds[k] as number)) as Counts;
  });
  const perLabel = labels.map((label, k) => {
    const { hits, predicted, support } = counts[k] as Counts;
    return { label, ...precisionRecall(hits, predicted, support), threshold: thresholds[k] as number };
  });
  const sum = (of: (each: Counts) => number): number => counts.reduce((all, each) => all + of(each), 0);
  const micro = precisionRecall(
    sum(({ hits }) => hits),
    sum(({ predicted }) => predicted),
    sum(({ support }) => support),
  );
  return {
    ...{ examples: sums.rows, subset_accuracy: exact / sums.rows, micro_f1: micro.f1 },
    macro_f1: mean(perLabel.filter(({ support }) => support > 0).map(({ f1 }) => f1)),
    ...{ log_loss: sums.logLoss / sums.rows, ece: expectedCalibrationError(sums.bins), per_label: perLabel },
  };
}
