// Drift: chance alone is not drift, a shift is, and values near the limit are reported once.
import { describe, expect, it } from "vitest";
import { type Drift, driftOf, isDetected, stabilityIndex } from "../../src/lifecycle/drift.ts";
import { countBins, decilesOf, MEASURES, measuresOf } from "../../src/serving/measures.ts";
import { seededRandom } from "../support/random.ts";

const DIMS = 16;
const scaler = {
  mean: new Float32Array(DIMS).fill(3),
  inverse: new Float32Array(DIMS).fill(0.5),
  target: { mean: 0, deviation: 1 },
};

/** By measure, `rows` values with mean `shift` and deviation `width`, in standard deviations. */
function measured(rows: number, shift: (dimension: number) => number, width = 1, seed = 1): number[][] {
  const random = seededRandom(seed);
  const values: number[][] = MEASURES.map(() => []);
  for (let r = 0; r < rows; r++) {
    const row = Float32Array.from({ length: DIMS }, (_, d) => 3 + 2 * (shift(d) + width * random.normal()));
    for (const [j, value] of measuresOf(row, scaler).entries()) values[j]?.push(value);
  }
  return values;
}

const trained = measured(2_000, () => 0);
const edges = trained.map(decilesOf);
const binned = (values: readonly number[][]): number[][] => values.map((own, j) => countBins(edges[j] ?? [], own));
const reference = { edges, measures: binned(trained), scores: null, labels: null };
const driftFor = (values: number[][], labels = new Map<string, number>()) =>
  driftOf(reference, { measures: binned(values), scores: [], labels });

describe("the stability index", () => {
  it("is 0 for equal shares, whatever the numbers are", () => {
    expect(stabilityIndex({ expected: [100, 200, 300], seen: [1_000, 2_000, 3_000] })).toBeCloseTo(0, 3);
  });

  it("is finite for empty bins, and if there are no values", () => {
    expect(Number.isFinite(stabilityIndex({ expected: [100, 0], seen: [0, 100] }))).toBe(true);
    expect(stabilityIndex({ expected: [100, 0], seen: [0, 0] })).toBe(0);
  });
});

describe("drift", () => {
  it("is not detected by chance in forty samples of two hundred predictions", () => {
    const found = Array.from({ length: 40 }, (_, seed) => driftFor(measured(200, () => 0, 1, seed + 2)));
    expect(Math.max(...found.map((drift) => drift?.features ?? 9))).toBeLessThan(0.25);
  });

  it("is detected if every feature moves, if features spread, and if features move in opposite directions", () => {
    for (const values of [
      measured(400, () => 1, 1, 90),
      measured(400, () => 0, 2, 91),
      measured(400, (d) => (d % 2 ? 1.5 : -1.5), 1, 92),
    ]) {
      expect(driftFor(values)?.features).toBeGreaterThan(0.25);
    }
  });

  it("is not reported for too few predictions", () => {
    expect(driftFor(measured(199, () => 5))).toBeNull();
  });

  it("treats a label that was never predicted in training as a label of its own", () => {
    const labels = [
      ["a", 500],
      ["b", 500],
    ] as const;
    const seen = (counts: [string, number][]) =>
      driftOf({ ...reference, labels }, { measures: binned(trained), scores: [], labels: new Map(counts) })?.labels;
    expect(seen([["a", 50], ["b", 50]])).toBeLessThan(0.05); // biome-ignore format: one line each
    expect(seen([["a", 50], ["new", 50]])).toBeGreaterThan(0.25); // biome-ignore format: one line each
  });

  it("ends only once it is far below the value at which it begins", () => {
    const at = (features: number): Drift => ({ predictions: 1_000, features, scores: null, labels: null });
    expect([0.05, 0.15, 0.3].map((features) => isDetected(at(features), false))).toEqual([false, false, true]);
    expect([0.3, 0.15, 0.05].map((features) => isDetected(at(features), true))).toEqual([true, true, false]);
  });
});
