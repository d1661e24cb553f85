// How a training shares its thread: in short slices while predictions come, in long ones when none has for a while.
import { expect, test } from "vitest";
import { Pace } from "../../../durable/kit/pace.ts";

/** The first turn after which it is not busy; null where it is after `most`. */
async function turnsUntilQuiet(pace: Pace, most: number): Promise<number | null> {
  for (let turn = 1; turn <= most; turn++) {
    await pace.turn();
    if (!pace.isBusy()) return turn;
  }
  return null;
}

test("is not busy before anything is asked", async () => {
  const pace = new Pace();
  expect(pace.isBusy()).toBe(false);
  expect(await turnsUntilQuiet(pace, 3)).toBe(1);
});

test("is busy from a prediction on, and quiet again once none has come for many turns", async () => {
  const pace = new Pace();
  pace.note();
  await pace.turn();
  expect(pace.isBusy()).toBe(true);
  expect(await turnsUntilQuiet(pace, 50)).toBeNull();
  expect(await turnsUntilQuiet(pace, 1_000)).toBeGreaterThan(50);
});

test("stays busy while predictions go on coming", async () => {
  const pace = new Pace();
  for (let i = 0; i < 20; i++) {
    pace.note();
    await pace.turn();
    expect(pace.isBusy()).toBe(true);
  }
});
