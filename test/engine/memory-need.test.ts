// The reserved memory of a training, and its number of held-out folds: decided by its size alone.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Folds } from "../../src/engine/data/folds.ts";
import { foldsWithinMemory, type TrainingExtent, trainingBytes } from "../../src/engine/memory-need.ts";

const MIB = 2 ** 20;
const need = (extent: Partial<TrainingExtent>): number =>
  trainingBytes({ task: "classification", dims: 1_024, labels: 10, rows: 1_000, rounds: 5, ...extent });

describe("the reserved memory of a training", () => {
  it("grows with labels, dimensions, rows and rounds, and never exceeds the budget", () => {
    expect(need({ labels: 100 })).toBeGreaterThan(need({}));
    expect(need({ dims: 2_048 })).toBeGreaterThan(need({}));
    expect(need({ rows: 200_000 })).toBeGreaterThan(need({}));
    expect(need({ labels: 400 })).toBeGreaterThan(need({ labels: 400, rounds: 1 }));
    expect(need({ labels: 1_000, rows: 200_000 })).toBeLessThanOrEqual(LIMITS.memoryBytes);
  });

  it("is a few megabytes for ten labels, and less than the budget for a thousand labels", () => {
    expect(need({ dims: 384 })).toBeLessThan(16 * MIB);
    expect(need({ labels: 1_000, rows: 10_000 })).toBeLessThan(LIMITS.memoryBytes);
  });
});

describe("the folds that are held out", () => {
  const folds: Folds = {
    parts: Array.from({ length: 2_000 }, (_, i) => i % 5),
    folds: 5,
    rounds: 5,
    foldsOnly: false,
    leftOut: 0,
  };
  const roundsOf = (labels: number): number => foldsWithinMemory(folds, "classification", 1_024, labels).rounds;

  it("are five if their fits are small, and one if a head is too large for five", () => {
    expect([roundsOf(10), roundsOf(400)]).toEqual([5, 5]);
    expect([roundsOf(489), roundsOf(1_000)]).toEqual([1, 1]);
  });

  it("do not change the fold of any row", () => {
    expect(foldsWithinMemory(folds, "classification", 1_024, 1_000).parts).toBe(folds.parts);
  });
});
