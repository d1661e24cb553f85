// A version goes live while a training ends, after the new version was compared with the live one.
import { expect, it } from "vitest";
import { addJob } from "../../../../durable/head/jobs/start-job.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { runTraining } from "../../../../durable/head/training/run-training.ts";
import { goLive } from "../../../../durable/head/versions/traffic.ts";
import { Pace } from "../../../../durable/kit/pace.ts";
import { UnderWay } from "../../../../src/core/in-flight.ts";
import { append, inObject, makeHead, type TestRow } from "../../../support/objects.ts";

const rows = Array.from({ length: 20 }, (_, i): TestRow => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

function train(store: HeadStore, id: string, promote: "if_better" | "never", turn: () => void): Promise<unknown> {
  addJob(store, { id, recipe: "linear", seed: 1, options: {}, promote }, "api", Date.now());
  const pace = new Pace(new UnderWay(), async () => turn());
  return runTraining(store, {
    now: () => Date.now(),
    pace,
    bucket: null,
    turns: pace.turns(() => null),
    notify: () => undefined,
  });
}

it("a version that a caller promoted after the comparison stays live, and the new version says why it is not", async () => {
  const head = await makeHead();
  await append(head, rows);
  const ended = await inObject(head.name, async (storage) => {
    const store = openHeadStore(storage) as HeadStore;
    await train(store, "job_1", "never", () => undefined);
    await train(store, "job_2", "if_better", () => {
      const isWritten = store.versions.record(2) !== null; // the content of a version is written after the comparison
      if (isWritten && store.meta.get("live") === null) goLive(store, 1);
    });
    const promoted = storage.sql.exec("SELECT count(*) AS n FROM outbox WHERE type = 'version.promoted'").one().n;
    return { live: store.meta.get("live")?.version, promotion: store.versions.record(2)?.promotion, promoted };
  });
  expect(ended).toMatchObject({ live: 1, promotion: { promoted: false }, promoted: 0 });
  expect(ended.promotion?.reason).toMatch(/while no version was live, and version 1 is live now/);
});
