// A head that is deleted, and made again under its id, while work on it waits: the work changes nothing of the new head.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { isTerminal } from "../../../../src/contract/jobs.ts";
import type { HeadConfig, HeadRpc } from "../../../../src/contract/rpc.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { emptyTally } from "../../../../src/serving/tallies.ts";
import { append, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";

const CONFIG: HeadConfig = {
  id: "head",
  task: "classification",
  backbone: { id: "text-embedded", identity: "sha256:test", dimension: 4 },
  labels: null,
  description: null,
};
const FAR = 9_000_000_000_000;
const ROWS = Array.from({ length: 40 }, (_, i): TestRow => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

type Instance = HeadRpc & { alarm(): Promise<void>; destroy(): Promise<void> };

const inHead = <T>({ name }: TestHead, work: (head: Instance, sql: SqlStorage) => Promise<T>): Promise<T> =>
  runInDurableObject(env.HEADS.getByName(name), (instance, { storage }) =>
    work(instance as unknown as Instance, storage.sql),
  );

async function makeAgain(head: Instance): Promise<void> {
  await head.destroy();
  unwrap(await head.create(CONFIG));
}

async function train(head: TestHead, id: string): Promise<void> {
  unwrap(await head.rpc.startJob({ id, recipe: "linear", seed: id.length, options: {}, promote: "never" }));
  while (!isTerminal(unwrap(await head.rpc.getJob(id)).status))
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(head.name)))) await scheduler.wait(10);
}

async function trained(versions: number): Promise<TestHead> {
  const head = await makeHead();
  await append(head, ROWS);
  for (let i = 1; i <= versions; i++) await train(head, `job_${"x".repeat(i)}`);
  return head;
}

it("an alarm of the old head does not change the alarms of the new one", async () => {
  const head = await trained(3);
  const alarms = await inHead(head, async (instance, sql) => {
    sql.exec(`UPDATE meta SET value = '{"keepVersions":1}' WHERE key = 'retention'`);
    sql.exec("INSERT OR REPLACE INTO alarms VALUES ('retention', 1), ('policy', 1), ('usage', 1)");
    const running = instance.alarm();
    await makeAgain(instance);
    sql.exec("INSERT INTO alarms VALUES ('policy', ?), ('usage', ?)", FAR, FAR);
    await running;
    return sql.exec("SELECT name, at FROM alarms ORDER BY name").toArray();
  });
  expect(alarms).toEqual([
    { name: "policy", at: FAR },
    { name: "usage", at: FAR },
  ]);
});

it("a Worker's report on the old head never enters the statistics of the new one, whenever it arrives during the deletion", async () => {
  const head = await makeHead();
  const tally = { ...emptyTally(1), requests: 5, predictions: 5 };
  const logged = [{ id: `prd_${"a".repeat(20)}`, at: Date.now(), record: "{}" }];
  await inHead(head, async (instance, sql) => {
    // Counts are kept only for versions that exist.
    const insertVersion = () =>
      sql.exec("INSERT INTO versions (number, digest, job, created_at) VALUES (1, 'sha256:1', 'job_1', 0)");
    insertVersion();
    for (let steps = 0; ; steps++) {
      unwrap(await instance.update({ log_hours: 1 }));
      let isDeleted = false;
      const deleting = instance.destroy().then(() => {
        isDeleted = true;
      });
      for (let step = 0; step < steps; step++) await null;
      if (isDeleted) break;
      const reporting = instance.report({ tallies: [tally], captures: [], logged });
      await deleting;
      unwrap(await instance.create(CONFIG));
      insertVersion();
      const outcome = await reporting;
      if (!outcome.ok) expect([steps, outcome.fault.code]).toEqual([steps, "not_found"]);
      expect([steps, unwrap(await instance.stats()).versions]).toEqual([steps, []]);
    }
  });
});

it("a verification that began on the old head queues no job in the new one", async () => {
  const head = await trained(1);
  const [outcome, jobs] = await inHead(head, async (instance) => {
    const verifying = instance.verifyVersion(1, "job_v");
    await makeAgain(instance);
    return [await verifying, unwrap(await instance.listJobs({}))];
  });
  expect(outcome).toMatchObject({ ok: false, fault: { code: "not_found" } });
  expect(jobs.data).toEqual([]);
});

it("a PATCH changes all its settings in one commit", async () => {
  const head = await makeHead();
  unwrap(await head.rpc.update({ capture: { rate: 1, below: 1, keep_days: 7 } }));
  const seen = await inHead(head, async (instance, sql) => {
    const states = new Set<string>();
    const look = () =>
      states.add(JSON.stringify(sql.exec("SELECT key, value FROM meta WHERE key <> 'config' ORDER BY key").toArray()));
    look();
    const patch = { keep_versions: 3, description: "new", log_hours: 2, capture: null };
    const updating = instance.update(patch).then(unwrap);
    for (let i = 0; i < 1_000; i++) {
      await null;
      look();
    }
    await updating;
    look();
    return states.size;
  });
  expect(seen).toBe(2);
});
