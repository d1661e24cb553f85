// Early stopping: a run survives a setback, ends soon after its last gain, and ends early if it cannot reach its rival.
import { describe, expect, it } from "vitest";
import { isHopeless, type Run, shouldStop } from "../../../src/engine/optimisers/early-stopping.ts";

const run = (scores: readonly number[], planned = 20, rival: number | null = null): Run => ({ scores, planned, rival });
/** The number of epochs of `scores` after which a run ends; null if it continues. */
const endOf = (scores: readonly number[], planned = 20, rival: number | null = null): number | null => {
  const at = scores.findIndex((_, i) => shouldStop(run(scores.slice(0, i + 1), planned, rival)));
  return at < 0 ? null : at + 1;
};

describe("a run", () => {
  it("ends after its planned epochs", () => {
    expect(endOf([4, 3, 2, 1], 4)).toBe(4);
    expect(endOf([1], 1)).toBe(1);
  });

  it("continues after a setback", () => {
    expect(endOf([5, 4, 4.1, 4.2, 4.1, 4.05, 3.9, 4, 4, 4, 4])).toBeNull();
  });

  it("ends after five epochs without a new best", () => {
    expect(endOf([5, 4, 4.1, 4.2, 4.1, 4.05, 4.3, 3])).toBe(7);
  });

  it("does not count an equal score as a gain", () => {
    expect(endOf([4, 4, 4, 4, 4, 4])).toBe(6);
  });
});

describe("a run with a rival", () => {
  it("continues while it would beat the rival by repeating its last gain in every remaining epoch", () => {
    expect(isHopeless(run([2, 1.875], 6, 1.4375))).toBe(false);
  });

  it("stops once it would not beat the rival by repeating its last gain", () => {
    expect(isHopeless(run([2, 1.875], 6, 1.375))).toBe(true);
    expect(endOf([2, 1.9, 1.85], 6, 1)).toBe(2);
  });

  it("uses the better of the last two gains, so that one setback does not stop it", () => {
    expect(isHopeless(run([2, 1.6, 1.61], 8, 0.9))).toBe(false);
    expect(isHopeless(run([1.6, 1.61, 1.62], 8, 0.9))).toBe(true);
  });

  it("is not stopped after a single epoch", () => {
    expect(isHopeless(run([9], 20, 1))).toBe(false);
  });

  it("is not stopped once it has beaten the rival", () => {
    expect(isHopeless(run([0.9, 1.1, 1.2], 20, 1))).toBe(false);
  });

  // Scores of two trials that win: on Fashion-MNIST, and on banking77 against a linear head.
  it("is not stopped if it wins in the end", () => {
    expect(endOf([0.4784, 0.4195, 0.3867, 0.3791, 0.3719, 0.3707], 6, 0.4296)).toBe(6);
    expect(endOf([1.4404, 0.7223, 0.5719, 0.5393, 0.4981, 0.4947], 12, 0.507)).toBeNull();
  });
});
