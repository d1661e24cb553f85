// Metrics of label sets, compared with calculation by hand. The definitions are scikit-learn's.
import { describe, expect, it } from "vitest";
import type { MultilabelMetrics } from "../../../src/contract/metrics.ts";
import { packSets } from "../../../src/engine/heads/sigmoid.ts";
import { addSets, emptyMultilabel } from "../../../src/engine/metrics/multilabel.ts";
import { multilabel } from "../../../src/engine/tasks/multilabel.ts";

const LABELS = ["a", "b", "c"];
const SCALER = { target: { mean: 0, deviation: 1 } };
const logit = (p: number): number => Math.log(p / (1 - p));

/** Four rows: scores, and the true labels. At one half, the sets are {a}, {b}, {a, b}, {a, b, c}. */
const ROWS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [0.9, 0.2, 0.4],
    [0, 2],
  ],
  [[0.1, 0.605, 0.3], []],
  [
    [0.8, 0.7, 0.2],
    [0, 1],
  ],
  [
    [0.605, 0.9, 0.505],
    [1, 2],
  ],
];
const judgedRows = (rows: typeof ROWS, beta = 1) => ({
  rows: rows.length,
  beta,
  targets: packSets(
    rows.map(([, set]) => set),
    3,
  ),
  outputs: Float32Array.from(rows.flatMap(([p]) => p.map(logit))),
});

/** Metrics at given thresholds. */
function metricsOf(thresholds: number[], rows = ROWS): MultilabelMetrics {
  const { judging } = multilabel;
  const judged = judging.empty(LABELS.length, thresholds);
  judging.add(judged, judgedRows(rows));
  judging.count(judged, judgedRows(rows));
  return judging.metrics(judged, LABELS, SCALER);
}
const atOneHalf = metricsOf([0.5, 0.5, 0.5]);

describe("four rows of three labels, at one half", () => {
  it("have the expected micro-F1 over all labels, and macro-F1 over each", () => {
    expect(atOneHalf.micro_f1).toBeCloseTo((2 * 5) / (7 + 6), 12);
    expect(atOneHalf.macro_f1).toBeCloseTo((4 / 5 + 4 / 5 + 2 / 3) / 3, 12);
  });

  it("have the expected share of sets that are exactly right", () => {
    expect(atOneHalf.subset_accuracy).toBe(1 / 4);
    expect(atOneHalf.examples).toBe(4);
  });

  it("have the expected precision, recall and F1 of every label, with its threshold", () => {
    expect(atOneHalf.per_label).toEqual([
      { label: "a", precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2, threshold: 0.5 },
      { label: "b", precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2, threshold: 0.5 },
      { label: "c", precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2, threshold: 0.5 },
    ]);
  });

  it("have the expected mean binary cross-entropy per label", () => {
    const truths = ROWS.flatMap(([p, set]) => p.map((score, k) => (set.includes(k) ? score : 1 - score)));
    expect(atOneHalf.log_loss).toBeCloseTo(-truths.reduce((sum, p) => sum + Math.log(p), 0) / 12, 6);
  });

  it("have the expected calibration error over the scores of all labels", () => {
    const bins = new Map<number, { score: number; truth: number }>();
    for (const [p, set] of ROWS) {
      p.forEach((score, k) => {
        const bin = bins.get(Math.floor(score * 15)) ?? { score: 0, truth: 0 };
        bins.set(Math.floor(score * 15), { score: bin.score + score, truth: bin.truth + (set.includes(k) ? 1 : 0) });
      });
    }
    const gap = [...bins.values()].reduce((sum, { score, truth }) => sum + Math.abs(score - truth), 0);
    expect(atOneHalf.ece).toBeCloseTo(gap / 12, 5);
  });
});

it("macro-F1 is not lowered by a label that no row has", () => {
  const rows = ROWS.slice(0, 2).map(([p], i) => [p, i === 0 ? [0] : []] as const);
  expect(metricsOf([0.5, 0.95, 0.95], rows)).toMatchObject({ macro_f1: 1, micro_f1: 1 });
});

it("the scores use β, and the calibration before uses 1", () => {
  const sums = emptyMultilabel(1);
  addSets(sums, Float32Array.of(1), packSets([[0]], 1), 0, 2);
  expect(sums.logLoss).toBeCloseTo(Math.log(1 + Math.exp(-2)), 9);
  const confidence = (bins: Float64Array): number => bins.reduce((sum, value, i) => sum + (i % 3 === 1 ? value : 0), 0);
  expect(confidence(sums.bins)).toBeCloseTo(1 / (1 + Math.exp(-2)), 9);
  expect(confidence(sums.binsUncalibrated)).toBeCloseTo(1 / (1 + Math.exp(-1)), 9);
});
