// Windows of long texts, and the mean over them.
import { expect, it } from "vitest";
import { poolWindows } from "../../../src/backbones/texts/pool-windows.ts";
import { MOST_WINDOWS, windowsOf } from "../../../src/backbones/texts/windows.ts";

const rule = { maxTokens: 10, special: { before: [101], after: [102] }, instruction: [] };
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

it("puts special tokens around each window, and counts them", () => {
  const { windows, isTruncated } = windowsOf(numbers(19), rule);
  expect(windows.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(windows[1]).toEqual([101, 8, 9, 10, 11, 12, 13, 14, 15, 102]);
  expect(isTruncated).toBe(false);
});

it("reads a text of as many tokens as fit as one window, and one without tokens as special tokens", () => {
  expect(windowsOf(numbers(8), rule).windows.length).toBe(1);
  expect(windowsOf([], rule).windows).toEqual([[101, 102]]);
  expect(windowsOf([], { ...rule, special: { before: [], after: [] } }).windows).toEqual([]);
});

it("spreads sixteen windows evenly over a longer text, from its first token to its last, and says so", () => {
  const { windows, isTruncated } = windowsOf(numbers(1_000), rule);
  expect(windows.length).toBe(MOST_WINDOWS);
  expect(windows[0]?.slice(1, 3)).toEqual([0, 1]);
  expect(windows.at(-1)?.at(-2)).toBe(999);
  const starts = windows.map((window) => window[1] as number);
  const gaps = starts.slice(1).map((start, at) => start - (starts[at] as number));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  expect(isTruncated).toBe(true);
  expect(windowsOf(numbers(8 * MOST_WINDOWS), rule).isTruncated).toBe(false);
});

it("begins every window with the instruction", () => {
  const { windows } = windowsOf([7, 8, ...numbers(8)], { ...rule, instruction: [7, 8] });
  expect(windows).toEqual([
    [101, 7, 8, 0, 1, 2, 3, 4, 5, 102],
    [101, 7, 8, 6, 7, 102],
  ]);
});

it("weights each window by its tokens, and keeps the bits of a single one", () => {
  const part = { dimension: 2, normalise: false };
  const features = Float32Array.of(0.1, 0.2, 1, 0, 0, 1);
  const [one, two] = poolWindows(features, part, [5, 3, 1], [1, 2]);
  expect(one).toEqual(Float32Array.of(0.1, 0.2));
  expect(two).toEqual(Float32Array.of(0.75, 0.25));
});

it("gives a unit vector where the tap gives unit vectors, and zeros to a text without windows", () => {
  const part = { dimension: 2, normalise: true };
  const [none, two] = poolWindows(Float32Array.of(1, 0, 0, 1), part, [3, 1], [0, 2]);
  expect(none).toEqual(Float32Array.of(0, 0));
  expect(Math.hypot(...(two as Float32Array))).toBeCloseTo(1, 6);
});
