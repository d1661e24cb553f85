// Inbound webhooks over HTTP: a signed event has exactly one effect, even if deliveries are repeated, forged, late or unreadable.
import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../src/contract/jobs.ts";
import { deliveriesOf, EVENT, examplesOf, MAPPING, makeInbox } from "../support/inbox.ts";
import { expectProblem } from "../support/problems.ts";
import { seededRandom } from "../support/random.ts";
import {
  ADMIN_KEY,
  corners,
  makeHead,
  makeTenant,
  makeTextHead,
  must,
  type ProblemBody,
  upload,
  waitForJob,
} from "../support/service.ts";
import { standardHeaders } from "../support/signing.ts";
import { deliver, makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hooks")).key;
});

describe("a signed event", () => {
  it("becomes an example; its relabel updates the example, and its repetition has no effect", async () => {
    const source = await makeInbox(key, "events");
    const first = await deliver(source, EVENT, "msg_1");
    const counts = { added: 1, updated: 0, unchanged: 0, deleted: 0 };
    expect([first.status, first.body]).toEqual([202, { delivery: "msg_1", outcome: "added", ...counts }]);
    expect((await deliver(source, { ...EVENT, label: "status" }, "msg_2")).body.outcome).toBe("updated");
    expect((await deliver(source, { ...EVENT, label: "status" }, "msg_3")).body.outcome).toBe("unchanged");
    const again = await deliver(source, EVENT, "msg_1");
    expect([again.status, again.body]).toEqual([200, { delivery: "msg_1", outcome: "duplicate" }]);
    expect(await examplesOf(key, "events")).toMatchObject([{ id: "7", label: "status", source: "webhook" }]);
  });

  it("deletes the example that it reports as deleted, and is unchanged if there is none", async () => {
    const source = await makeInbox(key, "gone");
    await deliver(source, EVENT);
    expect((await deliver(source, { id: 7, gone: true })).body.outcome).toBe("deleted");
    expect((await deliver(source, { id: 7, gone: true })).body.outcome).toBe("unchanged");
    expect(await examplesOf(key, "gone")).toEqual([]);
  });

  it("has one effect when it is sent twenty times concurrently", async () => {
    const source = await makeInbox(key, "at-once");
    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(source, EVENT, "msg_same")));
    expect(answers.map(({ body }) => body.outcome).sort()).toEqual(["added", ...Array(19).fill("duplicate")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202]);
  });

  it("needs no content type, and is identified by its own id instead of an Idempotency-Key", async () => {
    const source = await makeInbox(key, "plain");
    const body = JSON.stringify(EVENT);
    const headers = { ...standardHeaders(source.secret, body, Date.now(), "m1"), "Idempotency-Key": "k" };
    const plain = { ...headers, "Content-Type": "text/plain" };
    expect((await post(source.url, body, plain)).body.outcome).toBe("added");
    const again = await post(source.url, body, plain);
    expect([again.body.outcome, again.headers.get("Idempotency-Replayed")]).toEqual(["duplicate", null]);
  });
});

describe("a delivery of several examples", () => {
  const each = (inside: string) => ({ pointer: "/rows", each: inside });
  const mapping = { text: each("/text"), label: each("/label"), id: each("/id") };
  const rows = [1, 2, 3].map((id) => ({ id, text: `text ${id}`, label: "a" }));
  const makeBatches = async (head: string, more: object = {}) => {
    await makeHead(key, head, { backbone: "text-embedded", ...more });
    return makeSource(key, head, { scheme: "standard-webhooks", action: "add", mapping });
  };

  it("is applied at once, and the answer has the counts", async () => {
    const source = await makeBatches("batches");
    const first = await deliver(source, { rows: [...rows, rows[0]] }, "m1");
    expect([first.status, first.body]).toMatchObject([202, { outcome: "added", added: 3, unchanged: 1, updated: 0 }]);
    const second = await deliver(source, { rows: [rows[0], { ...rows[1], label: "b" }] });
    expect(second.body).toMatchObject({ outcome: "updated", added: 0, updated: 1, unchanged: 1, deleted: 0 });
    const again = await deliver(source, { rows: [...rows, rows[0]] }, "m1");
    expect([again.status, again.body]).toEqual([200, { delivery: "m1", outcome: "duplicate" }]);
    expect((await examplesOf(key, "batches")).map(({ id, label }) => [id, label])).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "a"],
    ]);
    expect(await deliveriesOf(key, "batches", source)).toMatchObject([
      { changes: { updated: 1, unchanged: 1 } },
      { example: "1", changes: { added: 3, unchanged: 1 } },
    ]);
  });

  it("has no effect if one of them is refused, whose place is named", async () => {
    const source = await makeBatches("all-or-none", { labels: ["a", "b"] });
    for (const [bad, pointer] of [
      [{ id: 2, text: "x", label: "foreign" }, "/1/label"],
      [{ id: 2, text: "", label: "a" }, "/1/text"],
    ] as const) {
      const answer = await deliver<ProblemBody>(source, { rows: [rows[0], bad, rows[2]] });
      expectProblem(answer, 422, "delivery_rejected");
      expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    }
    expect(await examplesOf(key, "all-or-none")).toEqual([]);
    expect((await deliver(source, { rows })).body).toMatchObject({ added: 3 });
  });
});

it("ids beyond 2^53 stay distinct", async () => {
  const source = await makeInbox(key, "snowflakes");
  for (const id of ["820982911946154508", "820982911946154509"]) {
    const body = `{"id": ${id}, "text": "text of ${id}", "label": "a"}`;
    expect((await post(source.url, body, standardHeaders(source.secret, body))).body.outcome).toBe("added");
  }
  expect((await examplesOf(key, "snowflakes")).map(({ id }) => id)).toEqual([
    "820982911946154508",
    "820982911946154509",
  ]);
});

describe("a source's address", () => {
  it("is invalid after the deletion of its head, even if a head with that id is created again", async () => {
    const source = await makeInbox(key, "reborn");
    await deliver(source, EVENT);
    await must("DELETE", "/v1/heads/reborn", { key });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
    await makeTextHead(key, "reborn");
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
    expect(await examplesOf(key, "reborn")).toEqual([]);
  });

  it("is invalid after the deletion of its tenant", async () => {
    const { key: theirs } = await makeTenant("hooks-gone");
    await makeTextHead(theirs, "head");
    const source = await makeSource(theirs, "head", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
    expect((await deliver(source, EVENT)).status).toBe(202);
    await must("DELETE", "/v1/tenants/hooks-gone", { key: ADMIN_KEY });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
  });
});

describe("a training", () => {
  const train = { scheme: "standard-webhooks", action: "train" } as const;

  it("is started by a source that trains, by a webhook, and only once at a time", async () => {
    await makeHead(key, "trains");
    await upload(key, "trains", corners());
    const source = await makeSource(key, "trains", { ...train, mapping: { when: { "/done": true } } });
    expect((await deliver(source, { done: false })).body.outcome).toBe("ignored");
    const [first, second] = [await deliver(source, { done: true }), await deliver(source, { done: true })];
    expect([first.status, first.body.outcome]).toEqual([202, "training"]);
    expect(second.body.job).toBeDefined();
    const job = await waitForJob(key, "trains", first.body.job as string);
    expect(job).toMatchObject({ status: "succeeded", trigger: { kind: "webhook" } });
    expect(await deliveriesOf(key, "trains", source)).toMatchObject([
      {},
      { outcome: "training", job: job.id },
      { outcome: "ignored" },
    ]);
  });

  it("is not started if there are too few examples, and the response says so", async () => {
    await makeHead(key, "untrained");
    const source = await makeSource(key, "untrained", train);
    const { status, body } = await deliver(source, {});
    expect([status, body.outcome, body.reason?.code, body.job]).toEqual([
      202,
      "ignored",
      "not_enough_examples",
      undefined,
    ]);
  });

  it("follows a new example if the source adds and trains, but not an existing one", async () => {
    await makeHead(key, "both");
    await upload(key, "both", corners());
    const mapping = { features: "/at", label: "/label", id: "/id" };
    const source = await makeSource(key, "both", { scheme: "standard-webhooks", action: "add_and_train", mapping });
    const event = { id: "new", at: [2, 2], label: "north" };
    const { body } = await deliver(source, event);
    expect(body).toMatchObject({ outcome: "added", job: expect.stringMatching(/^job_/) });
    await waitForJob(key, "both", body.job as string);
    expect((await deliver(source, event)).body).toMatchObject({ delivery: expect.any(String), outcome: "unchanged" });
    const { data } = await must<{ data: JobView[] }>("GET", "/v1/heads/both/jobs", { key });
    expect(data.length).toBe(1);
  });
});

it("a burst is counted exactly: 700 deliveries, of which 30 % are repeated and 5 % are forged", async () => {
  const source = await makeInbox(key, "storm");
  const random = seededRandom(10_000);
  const event = (i: number) => ({ id: i, text: `message ${i % 97} about ${i % 13}`, label: `l${i % 5}` });
  const genuine = Array.from({ length: 700 }, (_, i) => () => deliver(source, event(i), `m${i}`));
  const again = Array.from({ length: 300 }, () => genuine[random.below(700)] as () => ReturnType<typeof deliver>);
  const forger = { ...source, secret: `whsec_${btoa("f".repeat(32))}` };
  const forged = Array.from({ length: 50 }, (_, i) => () => deliver(forger, event(9_000 + i), `f${i}`));
  const sends = [...genuine, ...again, ...forged].map((send) => ({ send, order: random.next() }));
  sends.sort((a, b) => a.order - b.order);
  const statuses: number[] = [];
  const worker = async (): Promise<void> => {
    for (let next = sends.pop(); next; next = sends.pop()) statuses.push((await next.send()).status);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const count = (status: number) => statuses.filter((one) => one === status).length;
  expect([count(202), count(200), count(401)]).toEqual([700, 300, 50]);
  const head = await must<{ examples: { total: number } }>("GET", "/v1/heads/storm", { key });
  expect(head.examples.total).toBe(700);
});
