// The memory that a training reserves.
import { afterEach, expect, it, vi } from "vitest";
import { addJob } from "../../../../durable/head/jobs/start-job.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { runTraining } from "../../../../durable/head/training/run-training.ts";
import { Pace } from "../../../../durable/kit/pace.ts";
import { UnderWay } from "../../../../src/core/in-flight.ts";
import { isolateMemory } from "../../../../src/core/memory-budget.ts";
import { append, inObject, makeHead, type TestRow } from "../../../support/objects.ts";

const rows = Array.from({ length: 40 }, (_, i): TestRow => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

afterEach(() => {
  vi.useRealTimers();
});

it("the memory of a training stays reserved from the first row to the version, however long that takes", async () => {
  const head = await makeHead();
  await append(head, rows);
  vi.useFakeTimers({ toFake: ["Date"] });
  const seen = await inObject(head.name, async (storage) => {
    const store = openHeadStore(storage) as HeadStore;
    addJob(store, { id: "job_1", recipe: "linear", seed: 1, options: {} }, "api", Date.now());
    let [turns, taken] = [0, 0];
    const pace = new Pace(new UnderWay(), async () => {
      vi.setSystemTime(Date.now() + 10_000);
      if (!store.jobs.open()) return;
      turns++;
      const all = isolateMemory.tryReserve({ key: "other", bytes: isolateMemory.capacity, patient: true });
      isolateMemory.leave("other");
      if (all) taken++;
      all?.release();
    });
    await runTraining(store, {
      now: () => Date.now(),
      pace,
      bucket: null,
      turns: pace.turns(() => null),
      notify: () => undefined,
    });
    return { taken, isLong: turns > 10, status: store.jobs.get("job_1")?.status };
  });
  expect(seen).toEqual({ taken: 0, isLong: true, status: "succeeded" });
});
