// Examples that arrive while the backbone is away: they are stored at once, embedded once it is back, and then trained on.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { JobEvent, JobView } from "../../src/contract/jobs.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { type ControlledBackbone, registerControlledBackbone } from "../support/guest-backbone.ts";
import { spaceOf } from "../support/older-heads.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must, send, textOf, train, upload, waitForJob } from "../support/service.ts";
import { until } from "../support/until.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

const TENANT = "pending";
const BACKBONE = "controlled";
let key = "";
let backbone: ControlledBackbone;
beforeAll(async () => {
  key = (await makeTenant(TENANT)).key;
  backbone = registerControlledBackbone(BACKBONE);
});
afterEach(() => {
  backbone.onEmbed = () => undefined;
});

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `e${i}`,
    text: `${i % 2 === 0 ? "sunny warm beach" : "snowy cold mountain"} number ${i}`,
    label: i % 2 === 0 ? "summer" : "winter",
  }));

const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const pendingIn = async (head: string) => (await show(head)).examples.pending;
const makeGuestHead = (head: string) => makeHead(key, head, { backbone: BACKBONE });
const startJob = (head: string) => must<JobView>("POST", `/v1/heads/${head}/jobs`, { key, body: {} });
const jobOf = (head: string, id: string) => must<JobView>("GET", `/v1/heads/${head}/jobs/${id}`, { key });
const digestOf = async (head: string) =>
  (await must<VersionView>("GET", `/v1/heads/${head}/versions/1`, { key })).digest;

/** The examples of a head with their features. */
async function exported(head: string): Promise<Pick<ExampleView, "id" | "text" | "features">[]> {
  const lines = await textOf(await send("GET", `/v1/heads/${head}/examples/export?features=true`, { key }));
  const examples = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ExampleView);
  return examples.map(({ id, text, features }) => ({ id, text, features }));
}

const objectOf = async (head: string) => env.HEADS.getByName(`${TENANT}.${await spaceOf(TENANT)}/${head}`);

/** Kills the head's object, as the runtime does. */
const kill = async (head: string): Promise<void> => evictDurableObject(await objectOf(head));

/** Runs `work` with the storage of the head's object. */
const inHead = async (head: string, work: (storage: DurableObjectStorage) => unknown): Promise<void> =>
  runInDurableObject(await objectOf(head), (_, { storage }) => void work(storage));

/** A head with rows that were uploaded while the backbone was away. */
async function awayHead(head: string, rows = rowsOf(10)): Promise<UploadResult> {
  await makeGuestHead(head);
  backbone.isAway = true;
  return upload(key, head, rows);
}

describe("an upload of 300 rows while the backbone is away", () => {
  let result: UploadResult;
  beforeAll(async () => {
    backbone.isAway = false;
    await makeGuestHead("steady");
    await upload(key, "steady", rowsOf(300));
    await train(key, "steady");
    result = await awayHead("shaken", rowsOf(300));
  });

  it("is accepted completely, and the answer says that all its features are pending", async () => {
    expect(result).toMatchObject({ added: 300, rejected: [], features: { computed: 0, cached: 0, pending: 300 } });
    const head = await show("shaken");
    expect(head.examples).toEqual({ total: 300, pending: 300, by_label: { summer: 150, winter: 150 } });
    expect(head).toMatchObject({ trainable: true, warnings: [] });
    expect(await upload(key, "shaken", rowsOf(3))).toMatchObject({ unchanged: 3, features: { cached: 0, pending: 3 } });
  });

  it("is embedded once the backbone is back, wherever the object is killed, and gives the same version", async () => {
    const { id } = await startJob("shaken");
    await until(async () => (await jobOf("shaken", id)).phase === "embedding");
    await kill("shaken");
    expect(await jobOf("shaken", id)).toMatchObject({ status: "running", phase: "embedding", progress: 0 });
    let batches = 0;
    backbone.onEmbed = () => {
      if (batches++ === 2) backbone.isAway = true; // away again after two batches
    };
    backbone.isAway = false;
    await until(async () => (await pendingIn("shaken")) < 300);
    await until(() => backbone.isAway);
    expect(await pendingIn("shaken")).toBe(300 - 128);
    await kill("shaken");
    expect(await pendingIn("shaken")).toBe(300 - 128);
    backbone.isAway = false;
    expect(await waitForJob(key, "shaken", id)).toMatchObject({ status: "succeeded", version: 1 });
    expect(await pendingIn("shaken")).toBe(0);
    expect(await digestOf("shaken")).toBe(await digestOf("steady"));
    const { data } = await must<Page<JobEvent>>("GET", `/v1/heads/shaken/jobs/${id}/events?limit=200`, { key });
    expect(data.filter(({ data: { phase } }) => phase === "embedding")).toHaveLength(1);
  });
});

it("a prediction is answered with 503 and Retry-After while the backbone is away, and as before once it is back", async () => {
  backbone.isAway = false;
  await makeGuestHead("asked");
  await upload(key, "asked", rowsOf(20));
  await train(key, "asked");
  const predict = () => call("POST", "/v1/heads/asked/predict", { key, body: { inputs: [{ text: "a warm beach" }] } });
  const before = await predict();
  backbone.isAway = true;
  const away = await predict();
  expectProblem(away, 503, "backbone_unavailable");
  expect(away.headers.get("Retry-After")).toBe("1");
  backbone.isAway = false;
  expect((await predict()).body).toEqual(before.body);
});

describe("a pending example", () => {
  it("can be relabelled, replaced, deleted and exported", async () => {
    await awayHead("changed");
    const example = (id: string) => `/v1/heads/changed/examples/${id}`;
    await must("PATCH", example("e0"), { key, body: { label: "winter" } });
    expect((await send("DELETE", example("e1"), { key })).status).toBe(204);
    await upload(key, "changed", [{ id: "e2", text: "another text", label: "summer" }]);
    expect(await must<ExampleView>("GET", example("e2"), { key })).toMatchObject({ text: "another text" });
    const ids = rowsOf(10).flatMap(({ id }) => (id === "e1" ? [] : id));
    expect((await exported("changed")).map(({ id, features }) => [id, features])).toEqual(
      ids.map((id) => [id, undefined]),
    );
    expect((await show("changed")).examples).toMatchObject({
      total: 9,
      pending: 9,
      by_label: { winter: 5, summer: 4 },
    });
    backbone.isAway = false;
    await until(async () => (await pendingIn("changed")) === 0);
    expect((await exported("changed")).map(({ features }) => features?.length)).toEqual(ids.map(() => 1_024));
  });

  it("leaves nothing behind if it is deleted while it is embedded", async () => {
    await awayHead("raced", rowsOf(3));
    backbone.onEmbed = async () => {
      backbone.onEmbed = () => undefined;
      expect((await send("DELETE", "/v1/heads/raced/examples/e2", { key })).status).toBe(204);
      await upload(key, "raced", [{ id: "e3", text: "in its place", label: "summer" }]);
    };
    backbone.isAway = false;
    await until(async () => (await pendingIn("raced")) === 0);
    const found = await exported("raced");
    await makeGuestHead("plain");
    const plain = found.map(({ id, text }) => ({ id, text, label: "summer" }));
    await upload(key, "plain", plain);
    expect(found).toEqual(await exported("plain"));
    expect(found.map(({ id }) => id)).toEqual(["e0", "e1", "e3"]);
  });

  it("counts towards the quota of examples", async () => {
    const tenant = "pending-quota";
    const own = (await makeTenant(tenant)).key;
    const quotas = { quotas: { examples_per_head: 5 } };
    await must("PATCH", `/v1/tenants/${tenant}`, { key: "admin-key-of-the-tests", body: quotas });
    await makeHead(own, "head", { backbone: BACKBONE });
    backbone.isAway = true;
    const result = await upload(own, "head", rowsOf(8));
    expect(result).toMatchObject({ added: 5, rejected_total: 3, features: { computed: 0, cached: 0, pending: 5 } });
  });

  it("may come from feedback or from a webhook", async () => {
    await awayHead("told", rowsOf(4));
    const feedback = { input: { text: "a new warm beach" }, label: "summer" };
    await must("POST", "/v1/heads/told/feedback", { key, body: feedback });
    const source = await makeSource(key, "told", {
      scheme: "standard-webhooks",
      action: "add",
      mapping: { text: "/text", label: "/label" },
    });
    const delivered = await deliver(source, { text: "a new cold mountain", label: "winter" });
    expect(delivered).toMatchObject({ status: 202, body: { outcome: "added" } });
    expect((await show("told")).examples).toMatchObject({ total: 6, pending: 6 });
    backbone.isAway = false;
    await train(key, "told");
    expect((await show("told")).examples).toMatchObject({ total: 6, pending: 0 });
  });
});

it("a training of the policy waits for the backbone", async () => {
  await makeGuestHead("by-policy");
  await must("PUT", "/v1/heads/by-policy/policy", { key, body: { min_new_examples: 10, debounce_seconds: 0 } });
  backbone.isAway = true;
  await upload(key, "by-policy", rowsOf(10));
  const jobs = async () => (await must<Page<JobView>>("GET", "/v1/heads/by-policy/jobs", { key })).data;
  await until(async () => (await jobs())[0]?.phase === "embedding");
  backbone.isAway = false;
  await until(async () => (await jobs())[0]?.status === "succeeded");
  expect(await jobs()).toMatchObject([{ trigger: { kind: "policy" }, version: 1 }]);
});

it("a job waits longer each time for a backbone that must compute features of an older revision again", async () => {
  backbone.isAway = false;
  await makeGuestHead("outdated");
  await upload(key, "outdated", rowsOf(10));
  await inHead("outdated", ({ sql }) => sql.exec("INSERT INTO outdated_blocks VALUES (1, 'guest-0')"));
  backbone.isAway = true;
  const { id } = await startJob("outdated");
  const stub = await objectOf("outdated");
  const attempts = () =>
    runInDurableObject(stub, (_, { storage: { sql } }) =>
      sql.exec("SELECT value FROM meta WHERE key = 'away'").toArray(),
    );
  await until(async () => (await jobOf("outdated", id)).phase === "embedding");
  await until(async () => (await attempts())[0]?.value === '{"attempts":2}');
  const waits = "SELECT 1 FROM alarms WHERE name = 'train' AND at > ?";
  await inHead("outdated", ({ sql }) => expect(sql.exec(waits, Date.now() + 1_500).toArray()).toHaveLength(1));
  backbone.isAway = false;
  expect(await waitForJob(key, "outdated", id)).toMatchObject({ status: "succeeded", version: 1 });
  expect(await attempts()).toEqual([]);
});

it("a job that waits for the backbone starts as soon as the last input has its feature", async () => {
  await awayHead("woken");
  const { id } = await startJob("woken");
  await until(async () => (await jobOf("woken", id)).phase === "embedding");
  await inHead("woken", ({ sql }) => sql.exec("UPDATE alarms SET at = at + 3600000 WHERE name = 'train'"));
  backbone.isAway = false;
  expect(await waitForJob(key, "woken", id)).toMatchObject({ status: "succeeded", version: 1 });
});

it("a job that waits for the backbone can be cancelled", async () => {
  await awayHead("cancelled");
  const { id } = await startJob("cancelled");
  await until(async () => (await jobOf("cancelled", id)).phase === "embedding");
  await must("POST", `/v1/heads/cancelled/jobs/${id}/cancel`, { key });
  backbone.isAway = false;
  await train(key, "cancelled");
  expect((await show("cancelled")).live).toBe(1);
});

it("a head that is deleted while the backbone is away stays deleted", async () => {
  await awayHead("deleted");
  expect((await send("DELETE", "/v1/heads/deleted", { key })).status).toBe(204);
  backbone.isAway = false;
  await makeGuestHead("deleted");
  expect((await show("deleted")).examples).toMatchObject({ total: 0, pending: 0 });
});

describe("an input that fails each time it is embedded", () => {
  const BAD = { id: "bad", text: "an unreadable text", label: "summer" };
  let job = "";
  beforeAll(async () => {
    await awayHead("failing", [...rowsOf(10).slice(0, 3), BAD, ...rowsOf(10).slice(3)]);
    job = (await startJob("failing")).id;
    backbone.refused = BAD.text;
    backbone.isAway = false;
    await until(async () => {
      await inHead("failing", ({ sql }) => sql.exec("UPDATE alarms SET at = 1"));
      await runDurableObjectAlarm(await objectOf("failing"));
      return (await jobOf("failing", job)).status === "failed";
    });
  });

  it("does not delay other inputs", async () => {
    expect(await pendingIn("failing")).toBe(1);
  });

  it("fails the job, whose error names the example", async () => {
    const { error } = await jobOf("failing", job);
    expect(error).toMatchObject({ code: "conflict", detail: expect.stringContaining('"bad"') });
  });

  it("prevents no training once its example is deleted", async () => {
    expect((await send("DELETE", "/v1/heads/failing/examples/bad", { key })).status).toBe(204);
    await until(async () => (await pendingIn("failing")) === 0);
    await train(key, "failing");
  });
});
