// Metrics against figures worked out by hand.
import { describe, expect, test } from "vitest";
import {
  addMetrics,
  crossEntropy,
  emptyMetricSums,
  expectedCalibrationError,
  metricsOf,
} from "../../src/engine/metrics.ts";

const LABELS = ["a", "b", "c"];

/** Five rows: probabilities, and the truth. Right, wrong, right, right, wrong. */
const ROWS: readonly (readonly [readonly number[], number])[] = [
  [[0.7, 0.2, 0.1], 0],
  [[0.28, 0.62, 0.1], 0],
  [[0.09, 0.81, 0.1], 1],
  [[0.25, 0.25, 0.5], 2],
  [[0.5, 0.3, 0.2], 2],
];

const logits = Float32Array.from(ROWS.flatMap(([p]) => p.map(Math.log)));
const truth = Int32Array.from(ROWS.map(([, label]) => label));
const measured = (beta = 1) => addMetrics(emptyMetricSums(3), logits, truth, beta);

describe("five rows of three labels", () => {
  const metrics = metricsOf(measured(), LABELS);

  test("give their confusion matrix, truth down and predictions across", () => {
    expect(metrics.confusion).toEqual({
      labels: LABELS,
      matrix: [
        [1, 1, 0],
        [0, 1, 0],
        [1, 0, 1],
      ],
    });
    expect(metrics.examples).toBe(5);
  });

  test("give accuracy, balanced accuracy and macro-F1", () => {
    expect(metrics.accuracy).toBeCloseTo(3 / 5, 12);
    expect(metrics.balanced_accuracy).toBeCloseTo((1 / 2 + 1 + 1 / 2) / 3, 12);
    expect(metrics.macro_f1).toBeCloseTo((1 / 2 + 2 / 3 + 2 / 3) / 3, 12);
  });

  test("give precision, recall and F1 of every label", () => {
    expect(metrics.per_label).toEqual([
      { label: "a", precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
      { label: "b", precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 },
      { label: "c", precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2 },
    ]);
  });

  test("give their mean cross-entropy", () => {
    const byHand = -(Math.log(0.7) + Math.log(0.28) + Math.log(0.81) + Math.log(0.5) + Math.log(0.2)) / 5;
    expect(metrics.log_loss).toBeCloseTo(byHand, 6);
  });

  test("give the calibration error of 15 bins: .70 right, .62 wrong, .81 right, .50 once each", () => {
    expect(metrics.ece).toBeCloseTo((0.3 + 0.62 + 0.19 + 0) / 5, 6);
  });

  test("give sharper scores at β = 2, the same predictions, and the old calibration beside the new", () => {
    const sums = measured(2);
    expect(sums.confusion).toEqual(measured().confusion);
    expect(expectedCalibrationError(sums.binsUncalibrated)).toBe(expectedCalibrationError(measured().bins));
    const squared = ROWS.map(([p, label]) => (p[label] as number) ** 2 / p.reduce((sum, q) => sum + q * q, 0));
    const byHand = squared.reduce((sum, p) => sum - Math.log(p), 0) / 5;
    expect(metricsOf(sums, LABELS).log_loss).toBeCloseTo(byHand, 6);
  });

  test("give the same figures in two blocks", () => {
    const sums = addMetrics(emptyMetricSums(3), logits.subarray(0, 6), truth.subarray(0, 2), 1);
    addMetrics(sums, logits.subarray(6), truth.subarray(2), 1);
    expect(metricsOf(sums, LABELS)).toEqual(metrics);
  });
});

describe("at the edges", () => {
  test("a label that is neither true nor predicted anywhere does not lower the means", () => {
    const sums = addMetrics(emptyMetricSums(3), Float32Array.of(9, 0, 0, 0, 9, 0), Int32Array.of(0, 1), 1);
    expect(metricsOf(sums, LABELS)).toMatchObject({ accuracy: 1, balanced_accuracy: 1, macro_f1: 1 });
  });

  test("a label that is predicted but never true counts as F1 0", () => {
    const sums = addMetrics(emptyMetricSums(3), Float32Array.of(9, 0, 0, 0, 0, 9), Int32Array.of(0, 0), 1);
    expect(metricsOf(sums, LABELS).macro_f1).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(metricsOf(sums, LABELS).balanced_accuracy).toBe(1 / 2);
  });

  test("a label that is true but never predicted counts as F1 0", () => {
    const sums = addMetrics(emptyMetricSums(3), Float32Array.of(9, 0, 0, 9, 0, 0), Int32Array.of(0, 1), 1);
    expect(metricsOf(sums, LABELS).macro_f1).toBeCloseTo((2 / 3 + 0) / 2, 12);
  });

  test("an impossible truth costs ln 10¹⁵, not infinity", () => {
    const sums = addMetrics(emptyMetricSums(2), Float32Array.of(0, Number.NEGATIVE_INFINITY), Int32Array.of(1), 1);
    expect(metricsOf(sums, ["a", "b"]).log_loss).toBeCloseTo(15 * Math.LN10, 9);
    expect(crossEntropy(0)).toBeCloseTo(15 * Math.LN10, 9);
  });

  test("certainty falls in the last bin", () => {
    const sums = addMetrics(emptyMetricSums(2), Float32Array.of(1e4, -1e4), Int32Array.of(0), 1);
    expect(metricsOf(sums, ["a", "b"])).toMatchObject({ ece: 0, log_loss: 0, accuracy: 1 });
  });

  test("equal logits predict the first label", () => {
    const sums = addMetrics(emptyMetricSums(2), Float32Array.of(3, 3), Int32Array.of(1), 1);
    expect(metricsOf(sums, ["a", "b"]).confusion.matrix).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  test("no rows have no calibration error", () => {
    expect(expectedCalibrationError(emptyMetricSums(2).bins)).toBe(0);
  });
});
