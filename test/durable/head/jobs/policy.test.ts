// The policy inside a head's object: what counts as a change, what starts a training, and the state after a restart.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { countChanges } from "../../../../durable/head/backlog.ts";
import { askForTraining, driftDetected } from "../../../../durable/head/jobs/policy.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import type { HeadView } from "../../../../src/contract/heads.ts";
import { isTerminal, type JobView } from "../../../../src/contract/jobs.ts";
import type { Policy } from "../../../../src/contract/policy.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import type { Job } from "../../../../src/lifecycle/job.ts";
import { valueIn } from "../../../support/json-text.ts";
import { append, inObject, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";
import { until } from "../../../support/until.ts";

const BASE: Policy = { promote: "if_better", metric: "log_loss" };
const REQUEST = { id: "job_1", recipe: "linear", seed: 1, options: {} } as const;

/** Requests a training as the object does: in a transaction, arming the alarms after it. */
async function trainBecauseOf(store: HeadStore, kind: "policy" | "webhook", now: number): Promise<Job | null> {
  const job = store.storage.transactionSync(() => askForTraining(store, kind, now));
  await store.alarms.arm();
  return job;
}

const rowsOf = (count: number, from = 0): TestRow[] =>
  Array.from({ length: count }, (_, i) => ({ id: `row ${from + i}`, label: (from + i) % 2 ? "odd" : "even" }));

/** Runs `work` on the object's storage. */
const withStore = <T>({ name }: TestHead, work: (store: HeadStore) => T | Promise<T>): Promise<T> =>
  inObject(name, (storage) => work(openHeadStore(storage) as HeadStore));

const setPolicy = async ({ rpc }: TestHead, policy: Partial<Policy>) =>
  unwrap(await rpc.setPolicy({ ...BASE, ...policy }));
const jobsOf = async ({ rpc }: TestHead): Promise<readonly JobView[]> => unwrap(await rpc.listJobs({})).data;
const backlogOf = async ({ rpc }: TestHead): Promise<HeadView["backlog"]> => unwrap(await rpc.describe()).backlog;

/** Waits until there are `count` jobs and none is open. */
async function settled(head: TestHead, count: number): Promise<readonly JobView[]> {
  await until(async () => {
    const jobs = await jobsOf(head);
    return jobs.length >= count && jobs.every(({ status }) => isTerminal(status));
  });
  return jobsOf(head);
}

/** Runs all alarms that are due, and waits a little longer. */
async function quiet(head: TestHead): Promise<void> {
  await scheduler.wait(100);
  for (let i = 0; i < 3; i++) await runDurableObjectAlarm(env.HEADS.getByName(head.name));
}

describe("the backlog", () => {
  it("counts what was added, changed and deleted, but not what stayed the same", async () => {
    const head = await makeHead();
    await append(head, rowsOf(10));
    await append(head, rowsOf(11));
    unwrap(await head.rpc.updateExample("row 0", { label: "odd" }));
    unwrap(await head.rpc.deleteExample("row 1"));
    expect(await backlogOf(head)).toEqual({ changes: 13, train_at: null, refused: null });
  });

  it("is empty after any new version, and unchanged after a cancelled job", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    unwrap(await head.rpc.startJob({ ...REQUEST, id: "job_0" }));
    unwrap(await head.rpc.cancelJob("job_0"));
    expect((await backlogOf(head)).changes).toBe(20);
    unwrap(await head.rpc.startJob(REQUEST));
    await settled(head, 2);
    expect((await backlogOf(head)).changes).toBe(0);
  });

  it("does not change with a verification", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    unwrap(await head.rpc.startJob(REQUEST));
    await settled(head, 1);
    unwrap(await head.rpc.verifyVersion(1, "job_v"));
    await append(head, rowsOf(2, 20));
    await settled(head, 2);
    expect((await backlogOf(head)).changes).toBe(2);
  });

  it("is rolled back together with the change that it counts", async () => {
    const head = await makeHead();
    await withStore(head, async (store) => {
      const work = () =>
        store.storage.transactionSync(() => {
          countChanges(store, 5, Date.now());
          throw new Error("the rest failed");
        });
      expect(work).toThrow("the rest failed");
    });
    expect((await backlogOf(head)).changes).toBe(0);
  });
});

describe("the policy", () => {
  it("trains once there are enough changes, and not before", async () => {
    const head = await makeHead();
    await setPolicy(head, { min_new_examples: 20, debounce_seconds: 0, recipe: "linear", options: { l2: 0.5 } });
    await append(head, rowsOf(19));
    await quiet(head);
    expect(await jobsOf(head)).toEqual([]);
    await append(head, rowsOf(1, 19));
    const [job] = await settled(head, 1);
    expect(job).toMatchObject({ status: "succeeded", version: 1, recipe: "linear", trigger: { kind: "policy" } });
    expect(valueIn(await head.rpc.getVersion(1))).toMatchObject({ recipe: { l2: 0.5 }, live: true });
  });

  it("counts changes that were made before it was set", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    await setPolicy(head, { max_age_seconds: 3_600 });
    const { train_at: at } = await backlogOf(head);
    expect(Date.parse(at as string)).toBeLessThanOrEqual(Date.now() + 3_600_000);
    await setPolicy(head, { min_new_examples: 20, debounce_seconds: 0 });
    expect(await settled(head, 1)).toMatchObject([{ status: "succeeded", trigger: { kind: "policy" } }]);
  });

  it("starts one more job for all changes that were made during a job", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 0 });
    await until(async () => (await withStore(head, ({ meta }) => meta.get("backlog")?.read ?? null)) !== null);
    for (let i = 0; i < 10; i++) await append(head, rowsOf(1, 20 + i));
    await until(async () => (await backlogOf(head)).changes === 0);
    const jobs = await settled(head, 1);
    expect(jobs.length).toBeLessThan(6);
    const last = valueIn(await head.rpc.getVersion(jobs.length));
    expect(last.dataset.examples).toBe(30);
  });

  it("does not repeat a failed job before another change", async () => {
    const head = await makeHead();
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 0 });
    await append(
      head,
      rowsOf(20).map((row) => ({ ...row, split: "validation" })),
    );
    expect(await settled(head, 1)).toMatchObject([{ status: "failed", error: { code: "not_enough_examples" } }]);
    await quiet(head);
    expect(await jobsOf(head)).toHaveLength(1);
    expect(await backlogOf(head)).toMatchObject({ changes: 20, refused: { code: "not_enough_examples" } });
    await append(head, rowsOf(20, 20));
    expect((await settled(head, 2))[0]).toMatchObject({ status: "succeeded" });
    expect(await backlogOf(head)).toMatchObject({ changes: 0, refused: null });
  });

  it("starts no job if there are too few examples, reports why, and trains once there are enough", async () => {
    const head = await makeHead();
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 0 });
    await append(head, [{ id: "lone", label: "even" }]);
    await until(async () => (await backlogOf(head)).refused !== null);
    await quiet(head);
    expect(await jobsOf(head)).toEqual([]);
    expect((await backlogOf(head)).refused).toMatchObject({ detail: expect.stringContaining('"even" (1)') });
    await append(head, rowsOf(20));
    expect(await settled(head, 1)).toMatchObject([{ status: "succeeded" }]);
  });

  it("repeats under new settings what failed under the old ones", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    await withStore(head, ({ storage }) => storage.sql.exec("UPDATE examples SET split = 'test'"));
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 0, recipe: "mlp" });
    await until(async () => (await backlogOf(head)).refused !== null);
    await withStore(head, ({ storage }) => storage.sql.exec("UPDATE examples SET split = NULL"));
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 0 });
    expect(await settled(head, 1)).toMatchObject([{ status: "succeeded", recipe: "auto" }]);
  });

  it("trains on drift if it is set to", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    await setPolicy(head, { on_drift: true });
    await quiet(head);
    expect(await jobsOf(head)).toEqual([]);
    await withStore(head, (store) => driftDetected(store, Date.now()));
    expect(await settled(head, 1)).toMatchObject([{ status: "succeeded", trigger: { kind: "policy" } }]);
  });

  it("does not start a cancelled job again", async () => {
    const head = await makeHead();
    await setPolicy(head, { min_new_examples: 1, debounce_seconds: 1 });
    await append(head, rowsOf(20));
    const job = await withStore(head, (store) => trainBecauseOf(store, "policy", Date.now()));
    unwrap(await head.rpc.cancelJob(job?.id as string));
    expect(await backlogOf(head)).toMatchObject({ changes: 20, train_at: null });
    await scheduler.wait(1_000);
    await quiet(head);
    expect(await jobsOf(head)).toMatchObject([{ status: "cancelled" }]);
  });

  it("has its counters and its alarm again after a restart", async () => {
    const head = await makeHead();
    await setPolicy(head, { min_new_examples: 20, debounce_seconds: 1 });
    await append(head, rowsOf(20));
    await evictDurableObject(env.HEADS.getByName(head.name));
    expect((await backlogOf(head)).changes).toBe(20);
    expect(await settled(head, 1)).toMatchObject([{ status: "succeeded", trigger: { kind: "policy" } }]);
  });
});

describe("a webhook that requests a training", () => {
  const ask = (head: TestHead) => withStore(head, (store) => trainBecauseOf(store, "webhook", Date.now()));

  it("gets a job at once; others get the same job until it reads the examples, and one more job afterwards", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    await setPolicy(head, { debounce_seconds: 0.3 });
    const jobs = await withStore(head, async (store) => {
      const asked = [1, 2, 3].map(() => trainBecauseOf(store, "webhook", Date.now()));
      return Promise.all(asked);
    });
    expect(new Set(jobs.map((job) => job?.id)).size).toBe(1);
    await until(async () => (await withStore(head, ({ meta }) => meta.get("backlog")?.read ?? null)) !== null);
    const later = await Promise.all([ask(head), ask(head), ask(head)]);
    expect(later).toEqual([null, null, null]);
    const all = await settled(head, 2);
    expect(all.map(({ trigger }) => trigger.kind)).toEqual(["webhook", "webhook"]);
    await quiet(head);
    expect(await jobsOf(head)).toHaveLength(2);
  });

  it("gets no job if there are too few examples, and the head reports why", async () => {
    const head = await makeHead();
    expect(await ask(head)).toBeNull();
    expect(await jobsOf(head)).toEqual([]);
    expect((await backlogOf(head)).refused).toMatchObject({ code: "not_enough_examples" });
  });
});
