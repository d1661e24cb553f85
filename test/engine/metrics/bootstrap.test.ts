// Bootstrap intervals compared with theory, and their invariants.
import { describe, expect, it } from "vitest";
import { bootstrap, resample, startResamples } from "../../../src/engine/metrics/bootstrap.ts";

type Interval = readonly [low: number, high: number];

function intervals(
  confusion: readonly number[],
  seed = 1,
  times = 500,
): Record<keyof ReturnType<typeof bootstrap>, Interval> {
  const sums = startResamples(Int32Array.from(confusion), seed);
  for (let i = 0; i < times; i++) resample(sums);
  return bootstrap(sums) as Record<keyof ReturnType<typeof bootstrap>, Interval>;
}

describe("the interval of accuracy", () => {
  it.each([
    [450, 50],
    [90, 10],
    [50, 50],
  ])("has the width that theory expects for %i right and %i wrong rows", (right, wrong) => {
    const [low, high] = intervals([right, wrong, 0, 0]).accuracy_interval;
    const rows = right + wrong;
    const share = right / rows;
    const deviation = Math.sqrt((share * (1 - share)) / rows);
    expect((low - share) / deviation).toBeCloseTo(-1.96, 0);
    expect((high - share) / deviation).toBeCloseTo(1.96, 0);
    expect(high - low).toBeGreaterThan(3.3 * deviation);
    expect(high - low).toBeLessThan(4.5 * deviation);
  });

  it("is a point if no row is wrong", () => {
    expect(intervals([10, 0, 0, 10])).toEqual({ accuracy_interval: [1, 1], macro_f1_interval: [1, 1] });
  });
});

it("the intervals contain accuracy and macro-F1 themselves", () => {
  const { accuracy_interval, macro_f1_interval } = intervals([80, 20, 30, 70]);
  const macro = (160 / 210 + 140 / 190) / 2;
  for (const [[low, high], figure] of [
    [accuracy_interval, 0.75],
    [macro_f1_interval, macro],
  ] as const) {
    expect(low).toBeLessThan(figure);
    expect(high).toBeGreaterThan(figure);
  }
});

it("the intervals stay between 0 and 1 for a single row, although a resample may be empty", () => {
  for (const interval of Object.values(intervals([0, 1, 0, 0]))) {
    for (const end of interval) expect(end === 0 || end === 1).toBe(true);
  }
});

it("the intervals are the same for the same seed, and differ for another seed", () => {
  expect(intervals([40, 9, 8, 60])).toEqual(intervals([40, 9, 8, 60]));
  expect(intervals([40, 9, 8, 60], 2)).not.toEqual(intervals([40, 9, 8, 60]));
});

it("the intervals do not grow with labels that no row has", () => {
  const sparse = new Int32Array(100 * 100);
  sparse[0] = 50;
  sparse[101] = 50;
  expect(startResamples(sparse, 1).cells).toEqual(Int32Array.of(0, 0, 50, 1, 1, 50));
});
