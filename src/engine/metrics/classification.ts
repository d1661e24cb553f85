// Metrics of a classification, from one pass over rows that the model did not see. Definitions follow scikit-learn's.
import type { ClassificationMetrics, LabelMetrics, ReliabilityBin } from "../../contract/metrics.ts";
import { argmax } from "../heads/softmax.ts";

/** Confidence bins of the expected calibration error (Naeini et al. 2015). */
const BINS = 15;

/** [BINS][rows, confidence, hits] */
export const emptyBins = (): Float64Array => new Float64Array(3 * BINS);

/** Finer bins of confidence, for the trade-off of coverage against accuracy. */
const FINE_BINS = 1_000;

/** Running sums: counts by [truth][predicted], cross-entropy, and for each bin the rows, confidence and hits. */
export interface ClassificationSums {
  readonly confusion: Int32Array;
  readonly bins: Float64Array;
  readonly binsUncalibrated: Float64Array;
  /** [FINE_BINS][rows, hits] */
  readonly fine: Float64Array;
  logLoss: number;
}

export const emptyClassification = (classes: number): ClassificationSums => ({
  confusion: new Int32Array(classes * classes),
  bins: emptyBins(),
  binsUncalibrated: emptyBins(),
  fine: new Float64Array(2 * FINE_BINS),
  logLoss: 0,
});

/** Lower bound of probabilities in the log loss: without it, one probability of 0 would make the loss infinite. */
const LEAST_PROBABILITY = 1e-15;

export const crossEntropy = (probability: number): number => -Math.log(Math.max(probability, LEAST_PROBABILITY));

/** The result for one row. */
export interface Verdict {
  readonly best: number;
  readonly bestScore: number;
  readonly trueScore: number;
}

/** Adds a row of logits at inverse temperature β, in place. */
export function addClassified(
  sums: ClassificationSums,
  z: Float32Array | Float64Array,
  label: number,
  beta: number,
): Verdict {
  const best = argmax(z);
  const hit = best === label ? 1 : 0;
  const top = z[best] as number;
  // Only these few probabilities are needed, so no full softmax is computed.
  const [uncalibrated, calibrated] = [sumOfPowers(z, top, 1), sumOfPowers(z, top, beta)];
  addToBin(sums.binsUncalibrated, 1 / uncalibrated, hit);
  const bestScore = 1 / calibrated;
  const trueScore = Math.exp(beta * ((z[label] as number) - top)) / calibrated;
  addToBin(sums.bins, bestScore, hit);
  const at = 2 * Math.min(FINE_BINS - 1, Math.floor(bestScore * FINE_BINS));
  sums.fine[at] = (sums.fine[at] as number) + 1;
  sums.fine[at + 1] = (sums.fine[at + 1] as number) + hit;
  const cell = label * z.length + best;
  sums.confusion[cell] = (sums.confusion[cell] as number) + 1;
  sums.logLoss += crossEntropy(trueScore);
  return { best, bestScore, trueScore };
}

/** Σ e^(β·(z − top)), in order. */
function sumOfPowers(z: Float32Array | Float64Array, top: number, beta: number): number {
  let sum = 0;
  for (let k = 0; k < z.length; k++) sum += Math.exp(beta * ((z[k] as number) - top));
  return sum;
}

/** Adds a score, and whether it was right, to its bin, in place. */
export function addToBin(bins: Float64Array, confidence: number, hit: number): void {
  const at = 3 * Math.min(BINS - 1, Math.floor(confidence * BINS));
  bins[at] = (bins[at] as number) + 1;
  bins[at + 1] = (bins[at + 1] as number) + confidence;
  bins[at + 2] = (bins[at + 2] as number) + hit;
}

/** Σ over bins of their share of rows times |confidence − accuracy|. */
export function expectedCalibrationError(bins: Float64Array): number {
  let gap = 0;
  let rows = 0;
  for (let at = 0; at < bins.length; at += 3) {
    rows += bins[at] as number;
    gap += Math.abs((bins[at + 1] as number) - (bins[at + 2] as number));
  }
  return rows === 0 ? 0 : gap / rows;
}

/** The non-empty bins, with their mean confidence and their accuracy. */
export function reliabilityOf(bins: Float64Array): ReliabilityBin[] {
  return Array.from({ length: bins.length / 3 }, (_, i) => {
    const [examples, confidence, hits] = bins.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return { examples, confidence: confidence / examples, accuracy: hits / examples };
  }).filter(({ examples }) => examples > 0);
}

/** Calibration before and after, from the bins of a classification or of sets of labels. */
export const calibrationFigures = ({
  bins,
  binsUncalibrated,
}: Pick<ClassificationSums, "bins" | "binsUncalibrated">) => ({
  ece_before: expectedCalibrationError(binsUncalibrated),
  ece_after: expectedCalibrationError(bins),
  reliability: reliabilityOf(bins),
});

/** Coverage and accuracy if scores below a threshold are not answered. */
export interface ThresholdRow {
  readonly threshold: number;
  readonly coverage: number;
  readonly accuracy: number | null;
}

const THRESHOLDS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99];

/** Coverage (share answered) and accuracy at fixed thresholds, from the fine bins of confidence. */
export function thresholdTable({ fine }: ClassificationSums): ThresholdRow[] {
  const from = (threshold: number, column: 0 | 1): number => {
    let sum = 0;
    for (let bin = Math.round(threshold * FINE_BINS); bin < FINE_BINS; bin++) sum += fine[2 * bin + column] as number;
    return sum;
  };
  const all = from(0, 0);
  return THRESHOLDS.map((threshold) => {
    const answered = from(threshold, 0);
    const accuracy = answered === 0 ? null : from(threshold, 1) / answered;
    return { threshold, coverage: all === 0 ? 0 : answered / all, accuracy };
  });
}

/** The metrics from the sums over all rows. `labels`: in the order of the confusion's rows and columns. */
export function classificationMetricsOf(
  sums: Pick<ClassificationSums, "confusion" | "logLoss" | "bins">,
  labels: readonly string[],
): ClassificationMetrics {
  const matrix = labels.map((_, k) => numbersFrom(sums.confusion, k * labels.length, labels.length));
  const { predicted, support } = countsOf(sums.confusion, labels.length);
  const examples = total(predicted);
  const perLabel = labels.map((label, k) => {
    const figures = precisionRecall(matrix[k]?.[k] as number, predicted[k] as number, support[k] as number);
    return { label, ...figures };
  });
  const supported = perLabel.filter((own) => own.support > 0);
  const met = perLabel.filter((own, k) => own.support > 0 || (predicted[k] as number) > 0);
  return {
    examples,
    accuracy: total(matrix.map((row, k) => row[k] as number)) / examples,
    balanced_accuracy: mean(supported.map(({ recall }) => recall)),
    macro_f1: mean(met.map(({ f1 }) => f1)),
    log_loss: sums.logLoss / examples,
    ece: expectedCalibrationError(sums.bins),
    per_label: perLabel,
    confusion: { labels: [...labels], matrix },
  };
}

/**
 * Allocates the final length at once: `Array.from` grows a list, and leaves as much garbage as a confusion of 1,000 labels has.
 */
function numbersFrom(values: Int32Array, from: number, length: number): number[] {
  const numbers = new Array<number>(length);
  for (let i = 0; i < length; i++) numbers[i] = values[from + i] as number;
  return numbers;
}

/** Sums of columns and of rows, in one pass: a confusion of 1,000 labels has a million cells. */
function countsOf(confusion: Int32Array, classes: number): { predicted: number[]; support: number[] } {
  const predicted = new Array<number>(classes).fill(0);
  const support = new Array<number>(classes).fill(0);
  for (let truth = 0, at = 0; truth < classes; truth++) {
    let sum = 0;
    for (let said = 0; said < classes; said++, at++) {
      const rows = confusion[at] as number;
      sum += rows;
      predicted[said] = (predicted[said] as number) + rows;
    }
    support[truth] = sum;
  }
  return { predicted, support };
}

/** From counts of correct, predicted and true rows. 0 where the divisor is 0. */
export function precisionRecall(hits: number, predicted: number, support: number): Omit<LabelMetrics, "label"> {
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = support === 0 ? 0 : hits / support;
  const f1 = support + predicted === 0 ? 0 : (2 * hits) / (support + predicted);
  return { precision, recall, f1, support };
}

/** Counts by label: correct, predicted, and true. */
interface LabelCounts {
  readonly hits: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly support: ArrayLike<number>;
}

/** Mean over the labels that were predicted or true. */
export function macroF1({ hits, predicted, support }: LabelCounts): number {
  let [sum, labels] = [0, 0];
  for (let k = 0; k < hits.length; k++) {
    const [said, truth] = [predicted[k] as number, support[k] as number];
    if (said + truth === 0) continue;
    sum += precisionRecall(hits[k] as number, said, truth).f1;
    labels++;
  }
  return labels === 0 ? 0 : sum / labels;
}

export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
export const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : total(values) / values.length);
