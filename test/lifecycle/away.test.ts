// When a head asks a backbone again that is away.
import { expect, it } from "vitest";
import { waitWhileAwayMs } from "../../src/lifecycle/away.ts";

it("a head waits twice as long after each attempt to reach its backbone, and a minute at most", () => {
  expect([0, 1, 2, 5, 6, 1_000].map((attempts) => waitWhileAwayMs(attempts))).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
  ]);
});

it("a head waits as long as its backbone requests, and an hour at most", () => {
  expect(waitWhileAwayMs(0, 90)).toBe(90_000);
  expect(waitWhileAwayMs(3, 1)).toBe(8_000);
  expect(waitWhileAwayMs(0, 1e9)).toBe(3_600_000);
});
