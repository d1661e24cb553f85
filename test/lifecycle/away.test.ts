// When a head asks a backbone again that is away.
import { expect, it } from "vitest";
import { waitWhileAwayMs } from "../../src/lifecycle/away.ts";

it("waits twice as long after each attempt, a minute at most", () => {
  expect([0, 1, 2, 5, 6, 1_000].map((attempts) => waitWhileAwayMs(attempts))).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
  ]);
});

it("waits as long as the backbone asks for, an hour at most", () => {
  expect(waitWhileAwayMs(0, 90)).toBe(90_000);
  expect(waitWhileAwayMs(3, 1)).toBe(8_000);
  expect(waitWhileAwayMs(0, 1e9)).toBe(3_600_000);
});
