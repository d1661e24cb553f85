// Coverage: sets computed from scores of held-out rows contain the true label as often as requested.
import { describe, expect, it } from "vitest";
import { conformalThreshold, conformalThresholds } from "../../../src/engine/heads/conformal.ts";
import { seededRandom } from "../../support/random.ts";

/** How often a new score reaches the threshold, over many draws of `rows` held-out rows. */
function covered(coverage: number, rows: number, draw: (u: number) => number): number {
  const random = seededRandom(rows);
  const trials = 4_000;
  let hits = 0;
  for (let trial = 0; trial < trials; trial++) {
    const held = Float32Array.from({ length: rows }, () => draw(random.next()));
    const threshold = conformalThreshold(conformalThresholds(held), coverage);
    if (Math.fround(draw(random.next())) >= threshold) hits++;
  }
  return hits / trials;
}

describe("a set at a coverage", () => {
  const sampling = 3 * Math.sqrt(0.25 / 4_000);
  const skewed = (u: number): number => u ** 0.1;

  it.each([0.5, 0.8, 0.9, 0.95])("contains the true label at least %f of the time, and hardly more", (coverage) => {
    for (const rows of [19, 99]) {
      const share = covered(coverage, rows, skewed);
      expect(share).toBeGreaterThanOrEqual(coverage - sampling);
      expect(share).toBeLessThanOrEqual(coverage + 1 / (rows + 1) + sampling);
    }
  });

  it("contains the true label at least that often if scores repeat", () => {
    const coarse = (u: number): number => [0.1, 1 / 3, 0.7][Math.floor(3 * u)] as number;
    for (const coverage of [0.3, 0.6, 0.9]) {
      expect(covered(coverage, 49, coarse)).toBeGreaterThanOrEqual(coverage - sampling);
    }
  });

  it("contains every label if there are too few held-out rows to guarantee the coverage", () => {
    const thresholds = conformalThresholds(Float32Array.of(0.5, 0.6, 0.7, 0.8));
    expect(conformalThreshold(thresholds, 0.9)).toBe(0);
    expect(conformalThreshold(thresholds, 0.8)).toBeCloseTo(0.5, 6);
    expect(conformalThreshold(conformalThresholds(new Float32Array(0)), 0.1)).toBe(0);
  });

  it("has a lower threshold for a higher coverage", () => {
    const random = seededRandom(4);
    const thresholds = conformalThresholds(Float32Array.from({ length: 333 }, () => random.next()));
    expect(thresholds).toHaveLength(1_001);
    expect([...thresholds]).toEqual([...thresholds].sort((a, b) => b - a));
    expect(thresholds[1_000]).toBe(0);
  });

  it("covers at least what is requested if the coverage is between two levels", () => {
    const thresholds = conformalThresholds(Float32Array.from({ length: 9_999 }, (_, i) => i / 9_999));
    expect(conformalThreshold(thresholds, 0.9001)).toBe(conformalThreshold(thresholds, 0.901));
    expect(conformalThreshold(thresholds, 0.9)).toBe(thresholds[900]);
    expect(conformalThreshold(thresholds, 0)).toBe(thresholds[0]);
    expect(conformalThreshold(thresholds, 1)).toBe(0);
  });
});
