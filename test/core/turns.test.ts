// Turns of the event loop by counted work, and for predictions in flight.
import { expect, it } from "vitest";
import { EXTRA_TURNS, turnForPredictions, UnderWay } from "../../src/core/in-flight.ts";
import { Interrupted, type Interruption, isInterrupted, Turns } from "../../src/core/turns.ts";

function counter(): { readonly turn: () => Promise<void>; readonly taken: () => number } {
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns++;
  };
  return { turn, taken: () => turns };
}

it("a turn is taken once enough work has been counted, and the count starts again", async () => {
  const { turn, taken } = counter();
  const turns = new Turns(10, turn);
  await turns.spend(9);
  expect(taken()).toBe(0);
  await turns.spend(1);
  expect(taken()).toBe(1);
  await turns.spend(9);
  expect(taken()).toBe(1);
  await turns.take();
  await turns.spend(9);
  expect(taken()).toBe(2);
});

it("work is interrupted after the turn in which a reason to stop appeared, and not before", async () => {
  let reason: Interruption | null = null;
  const end = async (): Promise<void> => {
    reason = "job_ended";
  };
  const turns = new Turns(1, end, () => reason);
  turns.check();
  expect(turns.interruption).toBeNull();
  await expect(turns.spend(1)).rejects.toThrow(new Interrupted("job_ended"));
  expect(() => turns.check()).toThrow(Interrupted);
});

it("a part of the work is interrupted for its own reason, but first for a reason of the whole", async () => {
  const reasons: Interruption[] = [];
  const stop = (name: Interruption) => () => (reasons.includes(name) ? name : null);
  const whole = new Turns(1, async () => undefined, stop("head_deleted"));
  const part = whole.until(stop("rows_removed")).per(10);
  await part.spend(9);
  reasons.push("rows_removed");
  await part.spend(0.5); // no turn yet
  const error = await part.spend(1).catch((thrown: unknown) => thrown);
  expect([isInterrupted(error, "rows_removed"), isInterrupted(error, "head_deleted")]).toEqual([true, false]);
  await whole.take();
  reasons.push("head_deleted");
  await expect(part.take()).rejects.toThrow(new Interrupted("head_deleted"));
});

it("a turn yields exactly once if no prediction is in flight, and a bounded number of times otherwise", async () => {
  const underWay = new UnderWay();
  const alone = counter();
  await turnForPredictions(underWay, alone.turn);
  expect(alone.taken()).toBe(1);
  let end = (): void => undefined;
  const predicting = underWay.during(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const beside = counter();
  await turnForPredictions(underWay, beside.turn);
  expect(beside.taken()).toBe(1 + EXTRA_TURNS);
  end();
  await predicting;
  const again = counter();
  await turnForPredictions(underWay, again.turn);
  expect(again.taken()).toBe(1);
});
