// Windows of a sound, as YAMNet's reference cuts them.
import { expect, it } from "vitest";
import { windowCount, windowsOf } from "../../../src/backbones/sounds/windows.ts";

const YAMNET = { windowSamples: 15_600, hopSamples: 7_680 };
const SMALL = { windowSamples: 4, hopSamples: 3 };
const sound = (length: number): Float32Array => Float32Array.from({ length }, (_, at) => at + 1);

it.each([
  [1, 1],
  [15_600, 1],
  [15_601, 2],
  [15_600 + 7_680, 2],
  [15_600 + 7_681, 3],
  [960_000, 124],
])("cuts %i samples into %i windows", (samples, count) => {
  expect(windowCount(samples, YAMNET)).toBe(count);
});

it("fills a short sound with zeros to one window", () => {
  expect([...windowsOf(sound(2), SMALL)]).toEqual([1, 2, 0, 0]);
});

it("fills the last window with zeros, and repeats what windows share", () => {
  expect([...windowsOf(sound(8), SMALL)]).toEqual([1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 0, 0]);
});

it("gives some of the windows", () => {
  expect([...windowsOf(sound(8), SMALL, 1, 3)]).toEqual([4, 5, 6, 7, 7, 8, 0, 0]);
});

it("leaves no gap where hops are longer than windows", () => {
  expect([...windowsOf(sound(6), { windowSamples: 2, hopSamples: 4 })]).toEqual([1, 2, 5, 6]);
});
