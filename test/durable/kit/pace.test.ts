// How a training shares its thread: short slices while predictions arrive, long ones when there has been none for a while.
import { describe, expect, it } from "vitest";
import { Pace } from "../../../durable/kit/pace.ts";
import { UnderWay } from "../../../src/core/in-flight.ts";
import { turnLoop } from "../../../src/core/turns.ts";

/** The number of turns until `pace` is not busy; null if it is still busy after `most`. */
async function turnsUntilQuiet(pace: Pace, most: number): Promise<number | null> {
  for (let turn = 1; turn <= most; turn++) {
    await pace.turn();
    if (!pace.isBusy()) return turn;
  }
  return null;
}

it("the pace is not busy before the first prediction", async () => {
  const pace = new Pace();
  expect(pace.isBusy()).toBe(false);
  expect(await turnsUntilQuiet(pace, 3)).toBe(1);
});

it("the pace is busy after a prediction, and quiet again after many turns without another", async () => {
  const pace = new Pace();
  pace.note();
  await pace.turn();
  expect(pace.isBusy()).toBe(true);
  expect(await turnsUntilQuiet(pace, 50)).toBeNull();
  expect(await turnsUntilQuiet(pace, 1_000)).toBeGreaterThan(50);
});

it("the pace stays busy while predictions keep arriving", async () => {
  const pace = new Pace();
  for (let i = 0; i < 20; i++) {
    pace.note();
    await pace.turn();
    expect(pace.isBusy()).toBe(true);
  }
});

describe("a turn of a training", () => {
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

  it("lasts until a prediction in flight is answered", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const answered = underWay.during(async () => {
      for (let i = 0; i < 2; i++) await turnLoop();
    });
    await pace.turn();
    expect(underWay.ended).toBe(1);
    await answered;
  });

  it("lasts one turn more if the answer was made in it, so that the answer can be sent", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    const turn = turnsOf(pace);
    await underWay.during(async () => undefined);
    expect(await turn).toBe(2);
  });

  it("ends after a few turns if a prediction takes long, and that prediction delays no later turn", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    expect(await turnsOf(pace)).toBeLessThan(6);
    expect(await turnsOf(pace)).toBe(1);
  });

  it("does not wait for a prediction whose client has disconnected, however many predictions follow", async () => {
    const underWay = new UnderWay();
    const pace = counted(underWay);
    void underWay.during(never);
    await turnsUntilQuiet(pace, 1_000);
    await underWay.during(async () => undefined);
    expect(await turnsOf(pace)).toBe(1);
  });
});
