// How a training shares its thread: short slices while predictions arrive, long ones when there has been none for a while.
import { describe, expect, it } from "vitest";
import { Pace } from "../../../durable/kit/pace.ts";
import { UnderWay } from "../../../src/core/in-flight.ts";
import { turnLoop } from "../../../src/core/turns.ts";

/** The first turn after which it is not busy; null if that is after `most`. */
async function turnsUntilQuiet(pace: Pace, most: number): Promise<number | null> {
  for (let turn = 1; turn <= most; turn++) {
    await pace.turn();
    if (!pace.isBusy()) return turn;
  }
  return null;
}

it("is not busy before any prediction", async () => {
  const pace = new Pace();
  expect(pace.isBusy()).toBe(false);
  expect(await turnsUntilQuiet(pace, 3)).toBe(1);
});

it("is busy after a prediction, and quiet again after many turns without one", async () => {
  const pace = new Pace();
  pace.note();
  await pace.turn();
  expect(pace.isBusy()).toBe(true);
  expect(await turnsUntilQuiet(pace, 50)).toBeNull();
  expect(await turnsUntilQuiet(pace, 1_000)).toBeGreaterThan(50);
});

it("stays busy while predictions keep arriving", async () => {
  const pace = new Pace();
  for (let i = 0; i < 20; i++) {
    pace.note();
    await pace.turn();
    expect(pace.isBusy()).toBe(true);
  }
});

describe("a turn during a prediction", () => {
  let turns = 0;
  const counted = (underWay: UnderWay): Pace =>
    new Pace(underWay, () => {
      turns++;
      return turnLoop();
    });

  /** The number of turns of the event loop until `pace` continued. */
  async function turnsOf(pace: Pace): Promise<number> {
    const before = turns;
    await pace.turn();
    return turns - before;
  }

  const never = () => new Promise<never>(() => undefined);

  it("yields exactly once if no prediction is in flight", async () => {
    expect(await turnsOf(counted(new UnderWay()))).toBe(1);
  });

  it("lasts until the prediction is answered", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const answered = underWay.during(async () => {
      for (let i = 0; i < 2; i++) await turnLoop();
    });
    await pace.turn();
    expect(underWay.ended).toBe(1);
    await answered;
  });

  it("lasts one more turn for an answer that was made in it and still has to be sent", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const turn = turnsOf(pace);
    await underWay.during(async () => undefined);
    expect(await turn).toBe(2);
  });

  it("ends after a few turns for a long prediction, which does not delay later turns", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    expect(await turnsOf(pace)).toBeLessThan(6);
    expect(await turnsOf(pace)).toBe(1);
  });

  it("does not wait for a prediction whose client has disconnected, however many follow", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    await turnsUntilQuiet(pace, 1_000);
    await underWay.during(async () => undefined);
    expect(await turnsOf(pace)).toBe(1);
  });
});
