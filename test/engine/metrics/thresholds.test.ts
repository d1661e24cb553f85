// Thresholds of labels, fitted to calibrated scores of held-out rows, for frequent and rare labels.
import { describe, expect, it } from "vitest";
import type { MultilabelMetrics } from "../../../src/contract/metrics.ts";
import { packSets, sigmoid } from "../../../src/engine/heads/sigmoid.ts";
import { bestCut, emptyCuts } from "../../../src/engine/metrics/common-cut.ts";
import { PRIOR_ROUNDS, recalibrateLabels, startRecalibration } from "../../../src/engine/metrics/recalibration.ts";
import { multilabel } from "../../../src/engine/tasks/multilabel.ts";
import { seededRandom } from "../../support/random.ts";

interface Scored {
  /** [rows][labels] */
  readonly logits: Float32Array;
  readonly sets: readonly (readonly number[])[];
  readonly labels: number;
}

/** Rows with labels drawn from the probabilities that `truth` computes from their logits. */
function drawn(
  rows: number,
  means: readonly number[],
  truth = (z: number, _k: number): number => sigmoid(z),
  seed = 1,
) {
  const random = seededRandom(seed);
  const logits = Float32Array.from({ length: rows * means.length }, (_, i) => {
    return (means[i % means.length] as number) + 2 * random.normal();
  });
  const sets = Array.from({ length: rows }, (_, r) =>
    means.flatMap((_, k) => (random.next() < truth(logits[r * means.length + k] as number, k) ? [k] : [])),
  );
  return { logits, sets, labels: means.length };
}

function recalibrated(logits: Float64Array, labels: number) {
  const state = startRecalibration(labels);
  for (let round = 0; round < PRIOR_ROUNDS; round++) recalibrateLabels(state, logits, 0, labels);
  return state;
}

function figuresOf({ logits, sets, labels }: Scored): MultilabelMetrics {
  const names = Array.from({ length: labels }, (_, k) => `t${k}`);
  const rows = { rows: sets.length, outputs: logits, targets: packSets(sets, labels), beta: 1 };
  const { judging } = multilabel;
  const judged = judging.empty(labels, null);
  const measure = (sums: typeof judged) => {
    judging.measure(sums, rows, () => undefined);
    return judging.measured(sums);
  };
  expect(measure(judged).phase).toBe("recalibrate");
  const settled = measure({ ...judged, recalibration: recalibrated(judged.logits, labels) }).judged;
  expect(measure(settled).phase).toBe("settle");
  return judging.metrics(settled, names, { target: { mean: 0, deviation: 1 } });
}

const thresholdsOf = (scored: Scored): number[] => figuresOf(scored).per_label.map(({ threshold }) => threshold);

describe("a label's threshold", () => {
  it("is close to those of the other labels if only two of hundreds of rows have the label", () => {
    const scored = drawn(402, [-1, -1.5, -2, -2.5, -9]);
    const rare = scored.sets.map((set) => set.filter((k) => k !== 4));
    // The two rows with the label have the lowest scores of all, as can happen in a held-out fold.
    const [a, b] = scored.sets.map((_, r) => r).sort((x, y) => at(scored, x, 4) - at(scored, y, 4)) as [number, number];
    for (const r of [a, b]) rare[r]?.push(4);
    const [first, second, third, fourth, last] = thresholdsOf({ ...scored, sets: rare }) as number[];
    const others = [first, second, third, fourth] as number[];
    expect(last).toBeGreaterThanOrEqual(Math.min(...others));
    expect(last).toBeGreaterThan(0.3);
  });

  it("is far from one half if many rows show that the label's scores are too low", () => {
    const isLow = (k: number): boolean => k === 0;
    const scored = drawn(2_000, [-3, -1, -1, -1], (z, k) => sigmoid(isLow(k) ? 1.5 * z + 2 : z));
    const [low, ...others] = thresholdsOf(scored) as [number, ...number[]];
    expect(low).toBeLessThan(0.3);
    expect(Math.min(...others)).toBeGreaterThan(0.3);
  });

  it("is never low for a label that no held-out row has", () => {
    const scored = drawn(300, [-1, -1, -4]);
    const sets = scored.sets.map((set) => set.filter((k) => k !== 2));
    expect(thresholdsOf({ ...scored, sets })[2]).toBeGreaterThan(0.3);
  });

  it("predicts the label for nearly every row if every row has it", () => {
    const scored = drawn(300, [4, -1]);
    const sets = scored.sets.map((set) => [0, ...set.filter((k) => k !== 0)]);
    const [all] = figuresOf({ ...scored, sets }).per_label;
    expect(all?.recall).toBeGreaterThan(0.98);
    expect(all?.threshold).toBeLessThanOrEqual(0.5);
  });

  it("is one half if no row has any label", () => {
    expect(bestCut(emptyCuts())).toBe(0.5);
  });

  it("is between 0 and 1 for one label and four rows", () => {
    for (const sets of [
      [[0], [], [], []],
      [[0], [0], [0], [0]],
      [[], [], [], []],
    ]) {
      const [threshold] = thresholdsOf({ logits: Float32Array.of(2, -2, 0, 1), sets, labels: 1 });
      expect(threshold).toBeGreaterThan(0.05);
      expect(threshold).toBeLessThan(0.95);
    }
  });

  it("is the same, bit for bit, for any number of labels per step", () => {
    const { logits, sets, labels } = drawn(200, [-1, -2, -1, -3, -2]);
    const rows = { rows: 200, outputs: logits, targets: packSets(sets, labels), beta: 1 };
    const counts = multilabel.judging.empty(labels, null);
    multilabel.judging.add(counts, rows);
    const whole = recalibrated(counts.logits, labels);
    const sliced = startRecalibration(labels);
    for (let i = 0; i < PRIOR_ROUNDS * labels; i++) {
      recalibrateLabels(sliced, counts.logits, i % labels, (i % labels) + 1);
    }
    expect(sliced).toEqual(whole);
  });
});

describe("sets at thresholds fitted to calibrated scores", () => {
  const held = drawn(
    1_000,
    Array.from({ length: 30 }, (_, k) => -1 - 0.15 * k),
  );
  const figures = figuresOf(held);
  const at = (threshold: number) => {
    let [hits, predicted, support, exact] = [0, 0, 0, 0];
    held.sets.forEach((set, r) => {
      const said = Array.from({ length: 30 }, (_, k) => k).filter(
        (k) => sigmoid(held.logits[30 * r + k] as number) >= threshold,
      );
      const right = said.filter((k) => set.includes(k)).length;
      [hits, predicted, support] = [hits + right, predicted + said.length, support + set.length];
      if (right === said.length && right === set.length) exact++;
    });
    return { micro: (2 * hits) / (predicted + support), exact: exact / held.sets.length };
  };

  it("have a higher micro-F1 than at one half, and are exactly right about as often", () => {
    expect(figures.micro_f1).toBeGreaterThan(at(0.5).micro);
    expect(figures.subset_accuracy).toBeGreaterThan(at(0.5).exact - 0.02);
  });
});

const at = ({ logits, labels }: Scored, row: number, k: number): number => logits[row * labels + k] as number;
