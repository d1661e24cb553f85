// When epochs end: not at the first setback, not long after the last gain, and early where a rival is out of reach.
import { describe, expect, test } from "vitest";
import { isHopeless, type Run, shouldStop } from "../../src/engine/early-stopping.ts";

const run = (scores: readonly number[], planned = 20, rival: number | null = null): Run => ({ scores, planned, rival });
/** After how many epochs of `scores` a run ends; null while it goes on. */
const endOf = (scores: readonly number[], planned = 20, rival: number | null = null): number | null => {
  const at = scores.findIndex((_, i) => shouldStop(run(scores.slice(0, i + 1), planned, rival)));
  return at < 0 ? null : at + 1;
};

describe("a run", () => {
  test("ends when its epochs are over", () => {
    expect(endOf([4, 3, 2, 1], 4)).toBe(4);
    expect(endOf([1], 1)).toBe(1);
  });

  test("goes on through a setback, and from its end on", () => {
    expect(endOf([5, 4, 4.1, 4.2, 4.1, 4.05, 3.9, 4, 4, 4, 4])).toBeNull();
  });

  test("ends after five epochs without a new best", () => {
    expect(endOf([5, 4, 4.1, 4.2, 4.1, 4.05, 4.3, 3])).toBe(7);
  });

  test("does not count an equal score as a gain", () => {
    expect(endOf([4, 4, 4, 4, 4, 4])).toBe(6);
  });
});

describe("a run with a rival", () => {
  test("goes on while the gain of an epoch, made in all that are left, would beat it", () => {
    expect(isHopeless(run([2, 1.875], 6, 1.4375))).toBe(false);
  });

  test("is given up once it would not", () => {
    expect(isHopeless(run([2, 1.875], 6, 1.375))).toBe(true);
    expect(endOf([2, 1.9, 1.85], 6, 1)).toBe(2);
  });

  test("takes the better of two gains, so that one setback does not end it", () => {
    expect(isHopeless(run([2, 1.6, 1.61], 8, 0.9))).toBe(false);
    expect(isHopeless(run([1.6, 1.61, 1.62], 8, 0.9))).toBe(true);
  });

  test("is not judged by a single epoch", () => {
    expect(isHopeless(run([9], 20, 1))).toBe(false);
  });

  test("is never hopeless once it has beaten it", () => {
    expect(isHopeless(run([0.9, 1.1, 1.2], 20, 1))).toBe(false);
  });

  // Scores of the trials on Fashion-MNIST (won), and on banking77 against a linear head (lost late).
  test("is not given up where it wins in the end", () => {
    expect(endOf([0.4784, 0.4195, 0.3867, 0.3791, 0.3719, 0.3707], 6, 0.4296)).toBe(6);
    expect(endOf([1.4404, 0.7223, 0.5719, 0.5393, 0.4981, 0.4947], 12, 0.507)).toBeNull();
  });
});
