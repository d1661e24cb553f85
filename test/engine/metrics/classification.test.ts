// Metrics of a classification, compared with calculation by hand. The definitions are scikit-learn's.
import { describe, expect, it } from "vitest";
import {
  addClassified,
  type ClassificationSums,
  classificationMetricsOf,
  crossEntropy,
  emptyClassification,
  expectedCalibrationError,
  reliabilityOf,
  thresholdTable,
  type Verdict,
} from "../../../src/engine/metrics/classification.ts";

const LABELS = ["a", "b", "c"];

/** Five rows: probabilities, and the true label. Right, wrong, right, right, wrong. */
const ROWS: readonly (readonly [readonly number[], number])[] = [
  [[0.7, 0.2, 0.1], 0],
  [[0.28, 0.62, 0.1], 0],
  [[0.09, 0.81, 0.1], 1],
  [[0.25, 0.25, 0.5], 2],
  [[0.5, 0.3, 0.2], 2],
];

function sumsOf(
  rows: readonly (readonly [readonly number[], number])[],
  beta = 1,
  hear: (verdict: Verdict) => void = () => undefined,
): ClassificationSums {
  const classes = rows[0]?.[0].length ?? 0;
  const sums = emptyClassification(classes);
  for (const [z, label] of rows) {
    hear(addClassified(sums, Float32Array.from(z), label, beta));
  }
  return sums;
}
const asLogits = ROWS.map(([p, label]) => [p.map(Math.log), label] as const);
const measured = (beta = 1) => sumsOf(asLogits, beta);

describe("five rows of three labels", () => {
  const metrics = classificationMetricsOf(measured(), LABELS);

  it("have the expected confusion matrix, with true labels as rows and predictions as columns", () => {
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

  it("have the expected accuracy, balanced accuracy and macro-F1", () => {
    expect(metrics.accuracy).toBeCloseTo(3 / 5, 12);
    expect(metrics.balanced_accuracy).toBeCloseTo((1 / 2 + 1 + 1 / 2) / 3, 12);
    expect(metrics.macro_f1).toBeCloseTo((1 / 2 + 2 / 3 + 2 / 3) / 3, 12);
  });

  it("have the expected precision, recall and F1 of every label", () => {
    expect(metrics.per_label).toEqual([
      { label: "a", precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
      { label: "b", precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 },
      { label: "c", precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2 },
    ]);
  });

  it("have the expected mean cross-entropy", () => {
    const byHand = -(Math.log(0.7) + Math.log(0.28) + Math.log(0.81) + Math.log(0.5) + Math.log(0.2)) / 5;
    expect(metrics.log_loss).toBeCloseTo(byHand, 6);
  });

  it("have the expected calibration error in 15 bins: .70 right, .62 wrong, .81 right, .50 once each", () => {
    expect(metrics.ece).toBeCloseTo((0.3 + 0.62 + 0.19 + 0) / 5, 6);
  });

  it("have sharper scores and the same predictions at β = 2, with the calibration before and after", () => {
    const sums = measured(2);
    expect(sums.confusion).toEqual(measured().confusion);
    expect(expectedCalibrationError(sums.binsUncalibrated)).toBe(expectedCalibrationError(measured().bins));
    const squared = ROWS.map(([p, label]) => (p[label] as number) ** 2 / p.reduce((sum, q) => sum + q * q, 0));
    const byHand = squared.reduce((sum, p) => sum - Math.log(p), 0) / 5;
    expect(classificationMetricsOf(sums, LABELS).log_loss).toBeCloseTo(byHand, 6);
  });

  it("each have their best label in the report, with the scores of the best and of the true label", () => {
    const verdicts: Verdict[] = [];
    sumsOf(asLogits, 1, (verdict) => verdicts.push(verdict));
    expect(verdicts.map(({ best }) => best)).toEqual([0, 1, 1, 2, 0]);
    expect(verdicts[1]?.bestScore).toBeCloseTo(0.62, 6);
    expect(verdicts[1]?.trueScore).toBeCloseTo(0.28, 6);
  });
});

describe("reliability", () => {
  it("has a bin for every fifteenth of confidence that contains rows, with their mean confidence and accuracy", () => {
    const bins = reliabilityOf(measured().bins);
    expect(bins.map(({ examples }) => examples)).toEqual([2, 1, 1, 1]);
    const [first, second] = bins;
    expect(first?.confidence).toBeCloseTo(0.5, 6);
    expect(first?.accuracy).toBe(1 / 2);
    expect(second?.confidence).toBeCloseTo(0.62, 6);
    expect(second?.accuracy).toBe(0);
  });
});

describe("the table of thresholds", () => {
  const table = thresholdTable(measured());
  const at = (threshold: number) => table.find((row) => row.threshold === threshold);

  it("has the share of rows that reach each threshold, and the share of those that are right", () => {
    expect(at(0)).toEqual({ threshold: 0, coverage: 1, accuracy: 3 / 5 });
    expect(at(0.6)).toEqual({ threshold: 0.6, coverage: 3 / 5, accuracy: 2 / 3 });
    expect(at(0.8)).toEqual({ threshold: 0.8, coverage: 1 / 5, accuracy: 1 });
  });

  it("has no accuracy if no row reaches the threshold", () => {
    expect(at(0.99)).toEqual({ threshold: 0.99, coverage: 0, accuracy: null });
  });

  it("has a decreasing coverage", () => {
    expect(table.map(({ coverage }) => coverage)).toEqual(table.map(({ coverage }) => coverage).sort((a, b) => b - a));
  });
});

describe("the metrics at an edge case", () => {
  const metricsOf = (rows: Parameters<typeof sumsOf>[0], labels = LABELS) =>
    classificationMetricsOf(sumsOf(rows), labels);

  it("do not count a label in their means if it is neither true nor predicted anywhere", () => {
    const rows = [[9, 0, 0] as const, [0, 9, 0] as const].map((z, label) => [z, label] as const);
    expect(metricsOf(rows)).toMatchObject({ accuracy: 1, balanced_accuracy: 1, macro_f1: 1 });
  });

  it("have F1 0 for a label that is predicted but never true, and do not count it in recall", () => {
    const metrics = metricsOf([
      [[9, 0, 0], 0],
      [[0, 0, 9], 0],
    ]);
    expect(metrics.macro_f1).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(metrics.balanced_accuracy).toBe(1 / 2);
  });

  it("have F1 0 for a label that is true but never predicted", () => {
    const metrics = metricsOf([
      [[9, 0, 0], 0],
      [[9, 0, 0], 1],
    ]);
    expect(metrics.macro_f1).toBeCloseTo((2 / 3 + 0) / 2, 12);
  });

  it("have the cross-entropy ln 10¹⁵, not infinity, for a true label with probability 0", () => {
    expect(metricsOf([[[0, Number.NEGATIVE_INFINITY], 1]], ["a", "b"]).log_loss).toBeCloseTo(15 * Math.LN10, 9);
    expect(crossEntropy(0)).toBeCloseTo(15 * Math.LN10, 9);
  });

  it("count a probability of 1 in the last bin", () => {
    const sums = sumsOf([[[1e4, -1e4], 0]]);
    expect(classificationMetricsOf(sums, ["a", "b"])).toMatchObject({ ece: 0, log_loss: 0, accuracy: 1 });
    expect(thresholdTable(sums).at(-1)).toMatchObject({ coverage: 1, accuracy: 1 });
  });

  it("predict the first label if logits are equal", () => {
    expect(metricsOf([[[3, 3], 1]], ["a", "b"]).confusion.matrix).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it("have no calibration error and no reliability bins for zero rows", () => {
    expect(expectedCalibrationError(emptyClassification(2).bins)).toBe(0);
    expect(reliabilityOf(emptyClassification(2).bins)).toEqual([]);
  });
});
