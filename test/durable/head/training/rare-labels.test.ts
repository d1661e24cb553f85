// Labels with too few examples: automatic trainings leave them out and report it; a refusal is reported once.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { askForTraining } from "../../../../durable/head/jobs/policy.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import type { OutgoingEvent } from "../../../../src/contract/events.ts";
import type { HeadView } from "../../../../src/contract/heads.ts";
import { isTerminal, type JobView } from "../../../../src/contract/jobs.ts";
import type { JobRequestBody } from "../../../../src/contract/rpc.ts";
import type { VersionView } from "../../../../src/contract/versions.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { valueIn } from "../../../support/json-text.ts";
import { append, inObject, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";
import { until } from "../../../support/until.ts";

const POLICY = { promote: "always", metric: "log_loss", min_new_examples: 1, debounce_seconds: 0 } as const;

const rowsOf = (label: string, count: number, more: Partial<TestRow> = {}): TestRow[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${label} ${i}`, label, ...more }) as TestRow);

const withStore = <T>({ name }: TestHead, work: (store: HeadStore) => T | Promise<T>): Promise<T> =>
  inObject(name, (storage) => work(openHeadStore(storage) as HeadStore));

/** Events of a head without a tenant. */
const eventsOf = async (head: TestHead, type: string): Promise<OutgoingEvent[]> =>
  (await withStore(head, ({ outbox }) => outbox.first(1_000))).filter((event) => event.type === type);

const describeHead = async ({ rpc }: TestHead): Promise<HeadView> => unwrap(await rpc.describe());
const jobsOf = async ({ rpc }: TestHead): Promise<readonly JobView[]> => unwrap(await rpc.listJobs({})).data;
const versionOf = async ({ rpc }: TestHead, version: number): Promise<VersionView> =>
  valueIn(await rpc.getVersion(version));

async function ended({ name, rpc }: TestHead, id: string): Promise<JobView> {
  for (;;) {
    const job = unwrap(await rpc.getJob(id));
    if (isTerminal(job.status)) return job;
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(name)))) await scheduler.wait(10);
  }
}

let jobs = 0;
async function train(head: TestHead, request: Partial<JobRequestBody> = {}): Promise<JobView> {
  const id = `job_${jobs++}`;
  const asked = { id, recipe: "linear", seed: 1, options: {}, promote: "always", ...request } as const;
  unwrap(await head.rpc.startJob(asked));
  return ended(head, id);
}

/** The version that the policy trains from the current examples. */
async function trainedByPolicy(head: TestHead, version: number): Promise<VersionView> {
  await until(async () => (await jobsOf(head))[0]?.version === version);
  return versionOf(head, version);
}

describe("a training of the policy", () => {
  it("leaves out a label with one example, reports that in the version and in an event, and includes the label once it has two", async () => {
    const head = await makeHead();
    await append(head, [...rowsOf("x", 10), ...rowsOf("y", 10), ...rowsOf("xx", 1)]);
    unwrap(await head.rpc.setPolicy(POLICY));
    const first = await trainedByPolicy(head, 1);
    expect(first).toMatchObject({
      left_out: [{ label: "xx", examples: 1 }],
      dataset: { examples: 20, labels: ["x", "y"] },
      live: true,
    });
    const [event, ...more] = await eventsOf(head, "training.labels_left_out");
    expect(event?.data).toEqual({ head: "head", version: 1, job: first.job });
    expect(more).toEqual([]);
    expect(await describeHead(head)).toMatchObject({ backlog: { changes: 0, refused: null } });
    await append(head, [{ id: "xx again", label: "xx" }]);
    expect(await trainedByPolicy(head, 2)).toMatchObject({ left_out: [], dataset: { labels: ["x", "xx", "y"] } });
    expect(await eventsOf(head, "training.labels_left_out")).toHaveLength(1);
  });

  it("leaves out a fixed label without examples, a label with a single input, and a label whose examples are all kept for test", async () => {
    const head = await makeHead(["none", "y", "same", "tested", "x"]);
    const same = rowsOf("same", 5, { input: "one input" });
    await append(head, [...rowsOf("x", 10), ...rowsOf("y", 10), ...same, ...rowsOf("tested", 3, { split: "test" })]);
    unwrap(await head.rpc.setPolicy(POLICY));
    expect(await trainedByPolicy(head, 1)).toMatchObject({
      left_out: [
        { label: "none", examples: 0 },
        { label: "same", examples: 5 },
        { label: "tested", examples: 3 },
      ],
      dataset: { labels: ["y", "x"] },
    });
  });

  it("leaves out a label if the splits hold out all its examples", async () => {
    const head = await makeHead();
    const rows = ["x", "y"].flatMap((label) => [
      ...rowsOf(label, 8, { split: "train" }),
      { id: `held ${label}`, label, split: "validation" } as const,
    ]);
    await append(head, [...rows, ...rowsOf("only held", 3, { split: "validation" })]);
    unwrap(await head.rpc.setPolicy(POLICY));
    expect((await trainedByPolicy(head, 1)).left_out).toEqual([{ label: "only held", examples: 3 }]);
  });

  it("keeps the examples of a multilabel head, without the label that is left out", async () => {
    const head = await makeHead(null, 4, "multilabel");
    const rows = Array.from({ length: 20 }, (_, i): TestRow => ({ id: `r${i}`, labels: i % 2 ? ["a"] : ["b"] }));
    await append(head, [...rows, { id: "rare", labels: ["a", "rare"] }]);
    unwrap(await head.rpc.setPolicy(POLICY));
    expect(await trainedByPolicy(head, 1)).toMatchObject({
      left_out: [{ label: "rare", examples: 1 }],
      dataset: { examples: 21, labels: ["a", "b"] },
    });
  });
});

describe("a job that the API starts", () => {
  it("is refused if a label has too few examples, unless it requests to train without such labels", async () => {
    const head = await makeHead();
    await append(head, [...rowsOf("x", 10), ...rowsOf("y", 10), ...rowsOf("xx", 1)]);
    const request = { id: "job_refused", recipe: "linear", seed: 1, options: {} } as const;
    for (const rareLabels of [undefined, "refuse"] as const) {
      const refused = await head.rpc.startJob({ ...request, rareLabels });
      expect(refused).toMatchObject({ ok: false, fault: { code: "not_enough_examples" } });
    }
    expect(await train(head, { rareLabels: "leave_out" })).toMatchObject({ status: "succeeded", version: 1 });
    expect((await versionOf(head, 1)).left_out).toEqual([{ label: "xx", examples: 1 }]);
    expect(await eventsOf(head, "training.refused")).toEqual([]);
  });

  it("is refused if leaving labels out would leave too few of them", async () => {
    const head = await makeHead();
    await append(head, [...rowsOf("x", 10), ...rowsOf("xx", 1)]);
    const request = { id: "job_few", recipe: "linear", seed: 1, options: {}, rareLabels: "leave_out" } as const;
    const refused = await head.rpc.startJob(request);
    expect(refused).toMatchObject({ ok: false, fault: { code: "not_enough_examples" } });
    expect(JSON.stringify(refused)).toContain('\\"xx\\" (1)');
  });
});

describe("a version that leaves a label out", () => {
  it("has the same digest when it is verified, and counts as changed once that label has another example", async () => {
    const head = await makeHead();
    await append(head, [...rowsOf("x", 10), ...rowsOf("y", 10), ...rowsOf("xx", 1)]);
    await train(head, { rareLabels: "leave_out", recipe: "auto" });
    unwrap(await head.rpc.verifyVersion(1, "job_v"));
    expect((await ended(head, "job_v")).verification).toMatchObject({ same: true });
    await append(head, [{ id: "lone", label: "yy" }]);
    const start = unwrap(await head.rpc.verifyVersion(1, "job_w"));
    expect(start).toMatchObject({ verdict: { same: null, reason: "dataset_changed" } });
  });

  it("can be updated without the label and later with it, and each update can be verified", async () => {
    const head = await makeHead();
    const many = ["x", "y"].flatMap((label) => rowsOf(label, 1_050));
    for (let at = 0; at < many.length; at += 500) await append(head, many.slice(at, at + 500));
    await append(head, rowsOf("xx", 1));
    await train(head, { rareLabels: "leave_out" });
    await append(head, [{ id: "more", label: "x" }]);
    const update = { recipe: "update", rareLabels: "leave_out" } as const;
    await train(head, update);
    const base = (await versionOf(head, 1)).digest;
    expect(await versionOf(head, 2)).toMatchObject({ recipe: { base }, left_out: [{ label: "xx", examples: 1 }] });
    unwrap(await head.rpc.verifyVersion(2, "job_u"));
    expect((await ended(head, "job_u")).verification).toMatchObject({ same: true });
    await append(head, [{ id: "xx again", label: "xx" }]);
    await train(head, update);
    expect(await versionOf(head, 3)).toMatchObject({ left_out: [], dataset: { labels: ["x", "xx", "y"] } });
  });
});

describe("a training that is refused", () => {
  const ask = (head: TestHead) =>
    withStore(head, (store) => store.storage.transactionSync(() => askForTraining(store, "webhook", Date.now())));

  it("is reported once for many requests, and again after a new version", async () => {
    const head = await makeHead();
    unwrap(await head.rpc.setPolicy({ ...POLICY, min_new_examples: 1_000 }));
    await append(head, rowsOf("x", 3));
    for (let i = 0; i < 20; i++) await ask(head);
    const [event, ...more] = await eventsOf(head, "training.refused");
    expect(event?.data).toEqual({
      head: "head",
      code: "not_enough_examples",
      reason: "There are too few examples",
    });
    expect(more).toEqual([]);
    await append(head, rowsOf("y", 3));
    await ask(head);
    await until(async () => (await jobsOf(head))[0]?.version === 1);
    for (const { id } of unwrap(await head.rpc.listExamples({ label: "y" })).data)
      unwrap(await head.rpc.deleteExample(id));
    for (let i = 0; i < 3; i++) await ask(head);
    expect(await eventsOf(head, "training.refused")).toHaveLength(2);
  });

  it("is reported with its job if the policy had already started one", async () => {
    const head = await makeHead();
    await append(head, [...rowsOf("x", 9, { split: "validation" }), ...rowsOf("y", 9, { split: "validation" })]);
    unwrap(await head.rpc.setPolicy(POLICY));
    await until(async () => (await jobsOf(head))[0]?.status === "failed");
    const [{ id, error } = { id: "", error: null }] = await jobsOf(head);
    expect(error?.detail).toContain("The splits leave");
    expect((await eventsOf(head, "training.refused")).map(({ data }) => data)).toMatchObject([
      { code: "not_enough_examples", job: id },
    ]);
  });

  it("has no time at which it will start", async () => {
    const head = await makeHead();
    unwrap(await head.rpc.setPolicy({ ...POLICY, debounce_seconds: 3_600 }));
    await append(head, rowsOf("x", 3));
    expect((await describeHead(head)).backlog.train_at).toBeNull();
    await append(head, rowsOf("y", 3));
    expect((await describeHead(head)).backlog.train_at).not.toBeNull();
  });
});
