// How a training shares its thread: in short slices while predictions come, in long ones when none has for a while.
import { describe, expect, test } from "vitest";
import { Pace } from "../../../durable/kit/pace.ts";
import { turnLoop } from "../../../src/core/turns.ts";
import { UnderWay } from "../../../src/core/under-way.ts";

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

describe("a turn that meets a prediction", () => {
  let turns = 0;
  const counted = (underWay: UnderWay): Pace =>
    new Pace(underWay, () => {
      turns++;
      return turnLoop();
    });

  /** How often the event loop turned until `pace` went on. */
  async function turnsOf(pace: Pace): Promise<number> {
    const before = turns;
    await pace.turn();
    return turns - before;
  }

  const never = () => new Promise<never>(() => undefined);

  test("is a single one where none is there", async () => {
    expect(await turnsOf(counted(new UnderWay()))).toBe(1);
  });

  test("lasts until it is answered", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const answered = underWay.during(async () => {
      for (let i = 0; i < 2; i++) await turnLoop();
    });
    await pace.turn();
    expect(underWay.ended).toBe(1);
    await answered;
  });

  test("lasts one more for an answer that was made in it and has still to go", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const turn = turnsOf(pace);
    await underWay.during(async () => undefined);
    expect(await turn).toBe(2);
  });

  test("ends after a few for one that takes long, which delays no later turn", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    expect(await turnsOf(pace)).toBeLessThan(6);
    expect(await turnsOf(pace)).toBe(1);
  });

  test("does not wait for one whose client has left, however many come after it", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    await turnsUntilQuiet(pace, 1_000);
    await underWay.during(async () => undefined);
    expect(await turnsOf(pace)).toBe(1);
  });
});
