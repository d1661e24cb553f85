// Verification of a version inside a head's object: the steps between the request and the verdict.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { isTerminal, type JobView } from "../../../../src/contract/jobs.ts";
import type { HeadRpc } from "../../../../src/contract/rpc.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { valueIn } from "../../../support/json-text.ts";
import { append, inObject, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";
import { until } from "../../../support/until.ts";

/** Runs alarms until the job has ended. */
async function ended({ name, rpc }: TestHead, id: string): Promise<JobView> {
  for (;;) {
    const job = unwrap(await rpc.getJob(id));
    if (isTerminal(job.status)) return job;
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(name)))) await scheduler.wait(10);
  }
}

const rows = Array.from({ length: 40 }, (_, i): TestRow => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

async function trained(): Promise<TestHead> {
  const head = await makeHead();
  await append(head, rows);
  unwrap(await head.rpc.startJob({ id: "job_1", recipe: "auto", seed: 1, options: {} }));
  await ended(head, "job_1");
  return head;
}

it("a verification trains nothing if the examples change before it reads its rows", async () => {
  const head = await trained();
  const started = await runInDurableObject(env.HEADS.getByName(head.name), async (instance, { storage }) => {
    const start = await (instance as unknown as HeadRpc).verifyVersion(1, "job_2");
    storage.sql.exec("DELETE FROM examples WHERE id = 'row 7'"); // before any other event, including its alarm
    return unwrap(start);
  });
  expect(started).toEqual({ job: "job_2" });
  const { status, verification } = await ended(head, "job_2");
  expect(status).toBe("succeeded");
  expect(verification).toMatchObject({ same: null, reason: "dataset_changed" });
  expect(verification).not.toHaveProperty("retrained");
});

it("a verification reports that a version was not reproduced if the digests differ", async () => {
  const head = await trained();
  await inObject(head.name, ({ sql }) => {
    const [row] = sql.exec<{ data: ArrayBuffer }>("SELECT data FROM chunks WHERE owner = 'version/1/record'").toArray();
    const record = JSON.parse(new TextDecoder().decode(row?.data)) as { digest: string };
    const other = new TextEncoder().encode(JSON.stringify({ ...record, digest: "sha256:other" }));
    sql.exec("UPDATE chunks SET data = ? WHERE owner = 'version/1/record'", other);
  });
  unwrap(await head.rpc.verifyVersion(1, "job_2"));
  const { verification, version } = await ended(head, "job_2");
  expect(version).toBeNull();
  expect(verification).toMatchObject({ digest: "sha256:other", same: false, reason: "not_reproduced" });
  expect(verification?.retrained?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(valueIn(await head.rpc.listVersions({})).data).toHaveLength(1);
});

it.each([
  ["has ended", "job_9"],
  ["was cancelled", "job_3"],
])("an expired version that a verification needed is deleted once the verification %s", async (_, cancelled) => {
  const head = await trained();
  unwrap(await head.rpc.startJob({ id: "job_2", recipe: "auto", seed: 2, options: {}, promote: "never" }));
  await ended(head, "job_2");
  unwrap(await head.rpc.startJob({ id: "job_live", recipe: "auto", seed: 3, options: {}, promote: "always" }));
  await ended(head, "job_live");
  const versions = async () => valueIn(await head.rpc.listVersions({})).data.map(({ version }) => version);
  await runInDurableObject(env.HEADS.getByName(head.name), async (instance, { storage }) => {
    const rpc = instance as unknown as HeadRpc;
    unwrap(await rpc.verifyVersion(2, "job_3"));
    unwrap(await rpc.update({ keep_versions: 1 }));
    storage.sql.exec("DELETE FROM alarms WHERE name = 'retention'"); // retention has run and kept version 2
    if (cancelled === "job_3") unwrap(await rpc.cancelJob("job_3"));
  });
  await ended(head, "job_3");
  await until(async () => !(await versions()).includes(2));
});

/** The remaining state of a training. */
const LEFT = `SELECT 'rows' FROM snapshot UNION ALL SELECT 'features' FROM snapshot_features
  UNION ALL SELECT owner FROM chunks WHERE owner LIKE 'checkpoint/%' UNION ALL SELECT name FROM alarms WHERE name = 'train'`;

const left = (head: TestHead) => inObject(head.name, ({ sql }) => sql.exec(LEFT).toArray());

it("a verification leaves no state from which the next job would continue", async () => {
  const head = await trained();
  unwrap(await head.rpc.verifyVersion(1, "job_2"));
  await ended(head, "job_2");
  await until(async () => (await left(head)).length === 0);
});

it("a job leaves no state behind, even if the runtime is killed just after the job ended", async () => {
  const head = await trained();
  await until(async () => (await left(head)).length === 0);
  await inObject(head.name, ({ sql }) => {
    sql.exec("INSERT INTO snapshot VALUES ('0', 0, 1, 0, x'00', x'00', x'00')");
    for (let piece = 0; piece < 9; piece++) {
      sql.exec("INSERT INTO snapshot_features VALUES ('0', 0, ?, x'00')", piece);
      sql.exec("INSERT INTO chunks VALUES ('checkpoint/b', ?, x'00')", piece);
    }
    sql.exec("INSERT OR REPLACE INTO alarms VALUES ('train', 1)");
  });
  expect(await left(head)).toHaveLength(20);
  await evictDurableObject(env.HEADS.getByName(head.name));
  await head.rpc.describe(); // wakes it
  await until(async () => (await left(head)).length === 0);
  unwrap(await head.rpc.verifyVersion(1, "job_2"));
  expect((await ended(head, "job_2")).verification).toMatchObject({ same: true });
});
