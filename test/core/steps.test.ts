// Long loops in steps.
import { expect, it } from "vitest";
import { atOnce, eachInSteps } from "../../src/core/steps.ts";
import { Turns } from "../../src/core/turns.ts";

const items = Array.from({ length: 25_000 }, (_, i) => i);

it("a loop in steps visits every item once and in order, in steps of bounded length", () => {
  const visited: number[] = [];
  const steps = eachInSteps(items, (item) => void visited.push(item));
  const lengths: number[] = [];
  for (let before = 0; !steps.next().done; before = visited.length) lengths.push(visited.length - before);
  expect(visited).toEqual(items);
  expect(lengths).toEqual([10_000, 10_000]);
});

it("a loop in steps takes a turn between two steps, and returns the result of the last step", async () => {
  let turns = 0;
  function* work() {
    yield* eachInSteps(items, () => undefined);
    return "done";
  }
  const turn = async (): Promise<void> => void turns++;
  expect(await new Turns(1, turn).run(work())).toBe("done");
  expect(turns).toBe(2);
  expect(atOnce(work())).toBe("done");
});
