// What a version says of itself, from one pass over rows it was not trained on. Definitions follow scikit-learn's.
import type { ClassificationMetrics, LabelMetrics } from "../contract/versions.ts";
import { argmax, softmaxRow } from "./heads/softmax.ts";

/** Confidence bins of the expected calibration error (Naeini et al. 2015). */
const BINS = 15;

/** Running sums: counts by [truth][predicted], cross-entropy, and per bin the rows, confidence and hits. */
export interface MetricSums {
  readonly confusion: Int32Array;
  readonly bins: Float64Array;
  readonly binsUncalibrated: Float64Array;
  logLoss: number;
}

export const emptyMetricSums = (classes: number): MetricSums => ({
  confusion: new Int32Array(classes * classes),
  bins: new Float64Array(3 * BINS),
  binsUncalibrated: new Float64Array(3 * BINS),
  logLoss: 0,
});

/** Probabilities below this count as this much: a single impossible answer must not make the loss infinite. */
const LEAST_PROBABILITY = 1e-15;

export const crossEntropy = (probability: number): number => -Math.log(Math.max(probability, LEAST_PROBABILITY));

/** Adds a block of logits [rows][classes] at inverse temperature β, in place. */
export function addMetrics(sums: MetricSums, logits: Float32Array, labels: Int32Array, beta: number): MetricSums {
  const classes = logits.length / labels.length;
  const p = new Float64Array(classes);
  labels.forEach((label, r) => {
    const z = logits.subarray(r * classes, (r + 1) * classes);
    const predicted = argmax(z);
    const hit = predicted === label ? 1 : 0;
    addToBin(sums.binsUncalibrated, softmaxRow(z, 1, p)[predicted] as number, hit);
    addToBin(sums.bins, softmaxRow(z, beta, p)[predicted] as number, hit);
    const cell = label * classes + predicted;
    sums.confusion[cell] = (sums.confusion[cell] as number) + 1;
    sums.logLoss += crossEntropy(p[label] as number);
  });
  return sums;
}

function addToBin(bins: Float64Array, confidence: number, hit: number): void {
  const at = 3 * Math.min(BINS - 1, Math.floor(confidence * BINS));
  bins[at] = (bins[at] as number) + 1;
  bins[at + 1] = (bins[at + 1] as number) + confidence;
  bins[at + 2] = (bins[at + 2] as number) + hit;
}

/** Σ over bins of its share of rows times |confidence − accuracy|. */
export function expectedCalibrationError(bins: Float64Array): number {
  let gap = 0;
  let rows = 0;
  for (let at = 0; at < bins.length; at += 3) {
    rows += bins[at] as number;
    gap += Math.abs((bins[at + 1] as number) - (bins[at + 2] as number));
  }
  return rows === 0 ? 0 : gap / rows;
}

export function metricsOf(sums: MetricSums, labels: readonly string[]): ClassificationMetrics {
  const matrix = labels.map((_, k) => Array.from(sums.confusion.subarray(k * labels.length, (k + 1) * labels.length)));
  const examples = total(matrix.flat());
  const perLabel = labels.map((label, k) => labelMetrics(label, k, matrix));
  const supported = perLabel.filter(({ support }) => support > 0);
  const met = perLabel.filter(({ support }, k) => support > 0 || matrix.some((row) => (row[k] as number) > 0));
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

function labelMetrics(label: string, k: number, matrix: readonly (readonly number[])[]): LabelMetrics {
  const hits = matrix[k]?.[k] as number;
  const support = total(matrix[k] as number[]);
  const predicted = total(matrix.map((row) => row[k] as number));
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = support === 0 ? 0 : hits / support;
  const f1 = support + predicted === 0 ? 0 : (2 * hits) / (support + predicted);
  return { label, precision, recall, f1, support };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : total(values) / values.length);
