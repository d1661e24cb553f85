// Turns of the event loop by counted work, and for predictions in flight.
import { expect, it } from "vitest";
import { EXTRA_TURNS, turnForPredictions, UnderWay } from "../../src/core/in-flight.ts";
import { Turns } from "../../src/core/turns.ts";

function counter(): { readonly turn: () => Promise<void>; readonly taken: () => number } {
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns++;
  };
  return { turn, taken: () => turns };
}

it("takes a turn once enough work has been counted, and starts counting again", async () => {
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

it("yields exactly once if no prediction is in flight, and a bounded number of times otherwise", async () => {
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
