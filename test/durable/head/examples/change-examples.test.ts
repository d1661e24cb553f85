// The transaction in which examples change.
import { expect, it } from "vitest";
import { changeExamples } from "../../../../durable/head/backlog.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { inObject, makeHead } from "../../../support/objects.ts";

it("a change that fails rolls back its own writes and no others, whenever others write", async () => {
  const { name } = await makeHead();
  const [stored, written] = await inObject(name, async (storage) => {
    const store = openHeadStore(storage) as HeadStore;
    storage.sql.exec("CREATE TABLE writes (by TEXT)");
    const write = (by: string) => storage.sql.exec("INSERT INTO writes VALUES (?)", by);
    const failure = new Error("The change failed");
    const change = (): void => {
      write("change");
      throw failure;
    };
    let timed = 0;
    let isOver = false;
    const timer = (async () => {
      for (; !isOver; timed++) {
        write("timer");
        await scheduler.wait(0);
      }
    })();
    const most = 50;
    for (let steps = 0; steps < most; steps++) {
      const changing = changeExamples(store, 0, change).catch((error: unknown) => error);
      for (let step = 0; step < steps; step++) await null;
      write("step");
      expect(await changing).toBe(failure);
    }
    isOver = true;
    await timer;
    const rows = storage.sql.exec("SELECT by, count(*) AS n FROM writes GROUP BY by ORDER BY by").toArray();
    return [rows, { step: most, timer: timed }];
  });
  expect(stored).toEqual([
    { by: "step", n: written.step },
    { by: "timer", n: written.timer },
  ]);
});
