// What a training reserves, and how many folds it holds out: decided by its extent alone.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Folds } from "../../src/engine/folds.ts";
import { foldsWithinMemory, type TrainingExtent, trainingBytes } from "../../src/engine/memory-need.ts";

const MIB = 2 ** 20;
const need = (extent: Partial<TrainingExtent>): number =>
  trainingBytes({ task: "classification", dims: 1_024, labels: 10, rows: 1_000, rounds: 5, ...extent });

describe("the memory a training reserves", () => {
  it("grows with labels, dimensions, rows and rounds, and never passes what there is", () => {
    expect(need({ labels: 100 })).toBeGreaterThan(need({}));
    expect(need({ dims: 2_048 })).toBeGreaterThan(need({}));
    expect(need({ rows: 200_000 })).toBeGreaterThan(need({}));
    expect(need({ labels: 400 })).toBeGreaterThan(need({ labels: 400, rounds: 1 }));
    expect(need({ labels: 1_000, rows: 200_000 })).toBeLessThanOrEqual(LIMITS.memoryBytes);
  });

  it("is a few megabytes for a head of ten labels, and leaves room beside one of a thousand", () => {
    expect(need({ dims: 384 })).toBeLessThan(16 * MIB);
    expect(need({ labels: 1_000, rows: 10_000 })).toBeLessThan(LIMITS.memoryBytes);
  });
});

describe("the folds held out", () => {
  const folds: Folds = {
    parts: Array.from({ length: 2_000 }, (_, i) => i % 5),
    folds: 5,
    rounds: 5,
    foldsOnly: false,
    leftOut: 0,
  };
  const roundsOf = (labels: number): number => foldsWithinMemory(folds, "classification", 1_024, labels).rounds;

  it("are all where their fits are small, and one of a head that has no room for five", () => {
    expect([roundsOf(10), roundsOf(400)]).toEqual([5, 5]);
    expect([roundsOf(489), roundsOf(1_000)]).toEqual([1, 1]);
  });

  it("leave every row where it was", () => {
    expect(foldsWithinMemory(folds, "classification", 1_024, 1_000).parts).toBe(folds.parts);
  });
});
