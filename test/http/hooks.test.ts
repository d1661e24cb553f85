// Inbound webhooks over HTTP: a signed event has exactly one effect, whatever is repeated, forged, late or unreadable.
import { beforeAll, describe, expect, it } from "vitest";
import type { DeliveryAnswer, DeliveryView } from "../../src/contract/deliveries.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { JobView } from "../../src/contract/jobs.ts";
import type { CreatedSource, RefusalsView, SourceView } from "../../src/contract/sources.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { type Random, seededRandom } from "../support/random.ts";
import {
  ADMIN_KEY,
  call,
  corners,
  makeHead,
  makeTenant,
  makeTextHead,
  must,
  type ProblemBody,
  upload,
  waitForJob,
} from "../support/service.ts";
import { githubHeaders, hmac, standardHeaders, stripeHeaders } from "../support/signing.ts";
import { deliver, makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hooks")).key;
});

const examplesOf = async (head: string): Promise<readonly ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples?limit=200`, { key })).data;
const deliveriesOf = async (head: string, { id }: CreatedSource, query = ""): Promise<readonly DeliveryView[]> =>
  (await must<{ data: DeliveryView[] }>("GET", `/v1/heads/${head}/sources/${id}/deliveries${query}`, { key })).data;
const sourceOf = (head: string, { id }: CreatedSource) =>
  must<SourceView>("GET", `/v1/heads/${head}/sources/${id}`, { key });

const MAPPING = { text: "/text", label: "/label", id: "/id", delete_when: { "/gone": true } };
const EVENT = { id: 7, text: "where is my parcel?", label: "delivery" };

/** A text head with a source that adds. */
async function makeInbox(head: string): Promise<CreatedSource> {
  await makeTextHead(key, head);
  return makeSource(key, head, { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
}

const makeLabelStudio = (head: string) =>
  makeSource(key, head, { scheme: "standard-webhooks", action: "add", preset: "label-studio" });

describe("a signed event", () => {
  it("becomes an example, its relabel an update, and a repetition has no effect", async () => {
    const source = await makeInbox("events");
    const first = await deliver(source, EVENT, "msg_1");
    const counts = { added: 1, updated: 0, unchanged: 0, deleted: 0 };
    expect([first.status, first.body]).toEqual([202, { delivery: "msg_1", outcome: "added", ...counts }]);
    expect((await deliver(source, { ...EVENT, label: "status" }, "msg_2")).body.outcome).toBe("updated");
    expect((await deliver(source, { ...EVENT, label: "status" }, "msg_3")).body.outcome).toBe("unchanged");
    const again = await deliver(source, EVENT, "msg_1");
    expect([again.status, again.body]).toEqual([200, { delivery: "msg_1", outcome: "duplicate" }]);
    expect(await examplesOf("events")).toMatchObject([{ id: "7", label: "status", source: "webhook" }]);
  });

  it("deletes the example that it reports as gone, and is unchanged if there is none", async () => {
    const source = await makeInbox("gone");
    await deliver(source, EVENT);
    expect((await deliver(source, { id: 7, gone: true })).body.outcome).toBe("deleted");
    expect((await deliver(source, { id: 7, gone: true })).body.outcome).toBe("unchanged");
    expect(await examplesOf("gone")).toEqual([]);
  });

  it("has one effect when it is sent twenty times concurrently", async () => {
    const source = await makeInbox("at-once");
    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(source, EVENT, "msg_same")));
    expect(answers.map(({ body }) => body.outcome).sort()).toEqual(["added", ...Array(19).fill("duplicate")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202]);
  });

  it("needs no content type, and is identified by its own id instead of an Idempotency-Key", async () => {
    const source = await makeInbox("plain");
    const body = JSON.stringify(EVENT);
    const headers = { ...standardHeaders(source.secret, body, Date.now(), "m1"), "Idempotency-Key": "k" };
    const plain = { ...headers, "Content-Type": "text/plain" };
    expect((await post(source.url, body, plain)).body.outcome).toBe("added");
    const again = await post(source.url, body, plain);
    expect([again.body.outcome, again.headers.get("Idempotency-Replayed")]).toEqual(["duplicate", null]);
  });
});

describe("every scheme", () => {
  it("github: by X-GitHub-Delivery, with the preset", async () => {
    await makeTextHead(key, "github");
    const secret = "It's a Secret to Everybody";
    const source = await makeSource(key, "github", {
      scheme: "github",
      action: "add",
      preset: "github-issues",
      secret,
    });
    expect(source.secret).toBe(secret);
    const labels = [{ name: "bug" }];
    const body = JSON.stringify({ action: "labeled", issue: { id: 1, title: "It broke", labels }, label: labels[0] });
    expect((await post(source.url, body, githubHeaders(secret, body, "d-1"))).body).toMatchObject({
      delivery: "d-1",
      outcome: "added",
    });
    expect((await post(source.url, body, githubHeaders(secret, body, "d-1"))).body.outcome).toBe("duplicate");
    const gone = JSON.stringify({
      action: "unlabeled",
      issue: { id: 1, title: "It broke", labels: [] },
      label: labels[0],
    });
    expect((await post(source.url, gone, githubHeaders(secret, gone))).body.outcome).toBe("deleted");
    const ping = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
    const pinged = await post(source.url, ping, githubHeaders(secret, ping));
    expect([pinged.status, pinged.body.outcome, pinged.body.reason?.code]).toEqual([202, "ignored", "not_wanted"]);
  });

  it("stripe: by the id of the event, however often it is signed again", async () => {
    await makeTextHead(key, "stripe");
    const mapping = { text: "/data/object/description", label: "/data/object/reason" };
    const source = await makeSource(key, "stripe", { scheme: "stripe", action: "add", mapping });
    const body = JSON.stringify({
      id: "evt_1",
      data: { object: { description: "charged twice", reason: "duplicate" } },
    });
    const at = Date.now();
    expect((await post(source.url, body, stripeHeaders(source.secret, body, at - 9_000))).body).toMatchObject({
      delivery: "evt_1",
      outcome: "added",
    });
    expect((await post(source.url, body, stripeHeaders(source.secret, body, at))).body.outcome).toBe("duplicate");
  });

  it("hmac-sha256: by the configured header, else by the signed content", async () => {
    await makeTextHead(key, "hmac");
    const hmacOptions = { header: "X-Sig", encoding: "base64", prefix: "sha256=", id_header: "X-Event" } as const;
    const source = await makeSource(key, "hmac", {
      scheme: "hmac-sha256",
      action: "add",
      mapping: MAPPING,
      hmac: hmacOptions,
    });
    const body = JSON.stringify(EVENT);
    const signed = { "X-Sig": `sha256=${hmac(source.secret, body, "base64")}` };
    expect((await post(source.url, body, { ...signed, "X-Event": "e 1" })).body.delivery).toMatch(
      /^sha256-[0-9a-f]{64}$/,
    );
    const other = JSON.stringify({ ...EVENT, label: "status" });
    const named = { "X-Sig": `sha256=${hmac(source.secret, other, "base64")}`, "X-Event": "e1" };
    expect((await post(source.url, other, named)).body).toMatchObject({ delivery: "e1", outcome: "updated" });
  });

  it("github, hmac-sha256: a replay under another id, which is not signed, is a duplicate of the first", async () => {
    const secret = "It's a Secret to Everybody";
    const hmacOptions = { id_header: "X-Event" };
    await makeTextHead(key, "renamed");
    const [hub, own] = await Promise.all([
      makeSource(key, "renamed", { scheme: "github", action: "add", mapping: MAPPING, secret }),
      makeSource(key, "renamed", { scheme: "hmac-sha256", action: "add", mapping: MAPPING, secret, hmac: hmacOptions }),
    ]);
    const body = JSON.stringify(EVENT);
    const ownHeaders = (id: string): Record<string, string> => {
      const signed = { "X-Signature": hmac(secret, body, "hex") };
      return id ? { ...signed, "X-Event": id } : signed;
    };
    for (const [source, headers] of [
      [hub, (id: string) => githubHeaders(secret, body, id)],
      [own, ownHeaders],
    ] as const) {
      expect((await post(source.url, body, headers("first"))).body.outcome).toMatch(/added|unchanged/);
      await must("DELETE", "/v1/heads/renamed/examples/7", { key });
      for (const id of ["second", "third", ""]) {
        const replayed = await post(source.url, body, headers(id));
        expect([replayed.status, replayed.body]).toEqual([200, { delivery: "first", outcome: "duplicate" }]);
      }
      expect((await deliveriesOf("renamed", source)).map(({ id }) => id)).toEqual(["first"]);
    }
    expect(await examplesOf("renamed")).toEqual([]);
  });

  it("hmac-sha256: a failed delivery stays a single one under any id, until it succeeds", async () => {
    const source = await makeSource(key, "hmac", {
      scheme: "hmac-sha256",
      action: "add",
      mapping: MAPPING,
      hmac: { id_header: "X-Event" },
    });
    const body = JSON.stringify({ id: 9, message: "hi", label: "a" });
    const send = (id: string) =>
      post(source.url, body, { "X-Signature": hmac(source.secret, body, "hex"), "X-Event": id });
    for (const id of ["a", "b", "c"]) expect((await send(id)).status).toBe(422);
    expect(await deliveriesOf("hmac", source)).toMatchObject([{ id: "a", outcome: "unmappable", attempts: 3 }]);
    await must("PATCH", `/v1/heads/hmac/sources/${source.id}`, {
      key,
      body: { mapping: { ...MAPPING, text: "/message" } },
    });
    expect((await send("d")).body).toMatchObject({ delivery: "a", outcome: "added" });
    expect((await send("e")).body).toEqual({ delivery: "a", outcome: "duplicate" });
  });
});

it("zendesk: signed in its own way, without further options, by its preset", async () => {
  await makeTextHead(key, "zendesk");
  const source = await makeSource(key, "zendesk", { scheme: "hmac-sha256", action: "add", preset: "zendesk" });
  const detail = { id: "5158", subject: "Refund please", description: "charged twice", tags: ["billing"] };
  const event = {
    type: "zen:event-type:ticket.tags_changed",
    detail,
    event: { tags_added: ["billing"], tags_removed: [] },
  };
  const body = JSON.stringify(event);
  const time = new Date().toISOString();
  const headers = {
    "X-Zendesk-Webhook-Signature": hmac(source.secret, time + body, "base64"),
    "X-Zendesk-Webhook-Signature-Timestamp": time,
  };
  expect((await post(source.url, body, headers)).body.outcome).toBe("added");
  expect(await examplesOf("zendesk")).toMatchObject([{ id: "5158", label: "billing" }]);
});

/** A mutation of one header or of the body. */
const MUTATIONS: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => spliced(text, random, 1, randomChar(random)),
  (text, random) => spliced(text, random, 0, randomChar(random)),
  (text, random) => spliced(text, random, 1, ""),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text + text.slice(random.below(text.length)),
  (text) => text.toUpperCase(),
  (text) => [...text].reverse().join(""),
  () => "",
  (_, random) => String(-random.below(2 ** 31)),
  (_, random) => randomChar(random).repeat(1 + random.below(4_000)),
];

const randomChar = (random: Random): string => String.fromCharCode(33 + random.below(94));

function spliced(text: string, random: Random, removed: number, inserted: string): string {
  const at = random.below(text.length);
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

/** A signed delivery with one mutation after signing. */
function mutant(secret: string, i: number, random: Random): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify(EVENT);
  const parts: Record<string, string> = { ...standardHeaders(secret, body, Date.now(), `msg_${i}`), body };
  const name = Object.keys(parts)[random.below(4)] as string;
  const before = parts[name] as string;
  const after = MUTATIONS[random.below(MUTATIONS.length)]?.(before, random) ?? "";
  if (after === before) return mutant(secret, i, random);
  const { body: sent = "", ...headers } = { ...parts, [name]: after };
  return { headers, body: sent };
}

describe("an unsigned request", () => {
  it("is refused as forged or as stale, and stores no row", async () => {
    const source = await makeInbox("forged");
    const body = JSON.stringify(EVENT);
    const forged = standardHeaders(`whsec_${btoa("x".repeat(32))}`, body);
    expectProblem(await post<ProblemBody>(source.url, body, forged), 401, "bad_signature");
    expectProblem(await post<ProblemBody>(source.url, body, {}), 401, "bad_signature");
    for (const at of [Date.now() - 310_000, Date.now() + 310_000]) {
      expectProblem(
        await post<ProblemBody>(source.url, body, standardHeaders(source.secret, body, at)),
        401,
        "stale_timestamp",
      );
    }
    expect(await examplesOf("forged")).toEqual([]);
    expect(await deliveriesOf("forged", source)).toEqual([]);
  });

  it("never changes the state of its source, and is counted for the operator", async () => {
    const source = await makeInbox("forged-state");
    await deliver(source, { id: 1 }, "bad");
    const before = await sourceOf("forged-state", source);
    expect(before).toMatchObject({ failures_in_a_row: 1 });
    const refusals = () => must<RefusalsView>("GET", `/v1/heads/forged-state/sources/${source.id}/refusals`, { key });
    expect(await refusals()).toEqual({ count: 0, since: null, last: null });
    const body = JSON.stringify(EVENT);
    const forged = standardHeaders(`whsec_${btoa("x".repeat(32))}`, body);
    for (let i = 0; i < LIMITS.failuresBeforeEvent + 5; i++) await post(source.url, body, forged);
    await post(source.url, body, standardHeaders(source.secret, body, Date.now() - 310_000));
    expect(await sourceOf("forged-state", source)).toEqual(before);
    const counted = { code: "stale_timestamp", detail: expect.any(String), at: expect.any(String) };
    expect(await refusals()).toEqual({
      count: LIMITS.failuresBeforeEvent + 6,
      since: expect.any(String),
      last: counted,
    });
    expect((await deliveriesOf("forged-state", source)).map(({ id }) => id)).toEqual(["bad"]);
  });

  it("a replay of a failed delivery does not count as another failure", async () => {
    const source = await makeInbox("failed-again");
    for (let i = 0; i < 3; i++) await deliver(source, { id: 1 }, "bad");
    expect(await sourceOf("failed-again", source)).toMatchObject({ failures_in_a_row: 1 });
    expect(await deliveriesOf("failed-again", source)).toMatchObject([{ id: "bad", attempts: 3 }]);
  });

  it("is refused 2,000 times, with random mutations of headers and bodies, without a 5xx and without an effect", async () => {
    const source = await makeInbox("mutated");
    const random = seededRandom(7);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 2_000; i++) {
      const { headers, body } = mutant(source.secret, i, random);
      const { status } = await post(source.url, body, headers);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([[401, 2_000]]);
    expect(await examplesOf("mutated")).toEqual([]);
    expect(await deliveriesOf("mutated", source)).toEqual([]);
  });

  it("answers 404 for an address that no source has, or has any longer", async () => {
    const source = await makeInbox("short-lived");
    for (const id of ["src_absent", "src_00000000000000000000", "__proto__", "x".repeat(150)]) {
      expectProblem(await post<ProblemBody>(`/v1/hooks/${id}`, "{}", {}), 404, "not_found");
    }
    await must("DELETE", `/v1/heads/short-lived/sources/${source.id}`, { key });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
  });

  it("is too large above a MiB", async () => {
    const source = await makeInbox("large");
    const answer = await post<ProblemBody>(source.url, "x".repeat(2 ** 20 + 1), {});
    expectProblem(answer, 413, "too_large");
  });
});

describe("deletions", () => {
  it("of a head invalidate its addresses, even if a head with that id is created again", async () => {
    const source = await makeInbox("reborn");
    await deliver(source, EVENT);
    await must("DELETE", "/v1/heads/reborn", { key });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
    await makeTextHead(key, "reborn");
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
    expect(await examplesOf("reborn")).toEqual([]);
  });

  it("of a tenant do the same", async () => {
    const { key: theirs } = await makeTenant("hooks-gone");
    await makeTextHead(theirs, "head");
    const source = await makeSource(theirs, "head", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
    expect((await deliver(source, EVENT)).status).toBe(202);
    await must("DELETE", "/v1/tenants/hooks-gone", { key: ADMIN_KEY });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
  });
});

describe("a delivery that fails", () => {
  it("is answered 422 with the pointer, stored, and succeeds when it is sent again after the mapping is corrected", async () => {
    const source = await makeInbox("mended");
    const odd = { id: 1, message: "hello", label: "greeting" };
    const answer = await deliver<ProblemBody>(source, odd, "msg_odd");
    expectProblem(answer, 422, "unmappable");
    expect(answer.body).toMatchObject({ delivery: "msg_odd", errors: [{ pointer: "/text" }] });
    expect(await deliveriesOf("mended", source)).toMatchObject([
      { id: "msg_odd", outcome: "unmappable", replayable: true, reason: { code: "unmappable", pointer: "/text" } },
    ]);
    const mapping = { ...MAPPING, text: { first: ["/text", "/message"] } };
    await must("PATCH", `/v1/heads/mended/sources/${source.id}`, { key, body: { mapping } });
    expect((await deliver(source, odd, "msg_odd")).body.outcome).toBe("added");
    expect(await deliveriesOf("mended", source)).toMatchObject([
      { outcome: "added", attempts: 2, replayable: false, reason: null },
    ]);
    expect((await deliver(source, odd, "msg_odd")).body.outcome).toBe("duplicate");
  });

  it("is replayed on request, once, and not after its payload is redacted", async () => {
    const source = await makeInbox("replayed");
    const at = (delivery: string, verb = "") => `/v1/heads/replayed/sources/${source.id}/deliveries/${delivery}${verb}`;
    await deliver(source, { id: 1, message: "hello", label: "a" }, "d1");
    await deliver(source, { id: 2, message: "secret", label: "a" }, "d2");
    expectProblem(await call("POST", at("d1", "/replay"), { key }), 422, "unmappable");
    expect(await must("GET", at("d2"), { key })).toMatchObject({ payload: '{"id":2,"message":"secret","label":"a"}' });
    expect(await must("POST", at("d2", "/redact"), { key })).toMatchObject({ replayable: false });
    await must("PATCH", `/v1/heads/replayed/sources/${source.id}`, {
      key,
      body: { mapping: { ...MAPPING, text: "/message" } },
    });
    const replay = await call<DeliveryAnswer>("POST", at("d1", "/replay"), { key });
    expect([replay.status, replay.body.outcome]).toEqual([202, "added"]);
    for (const delivery of ["d1", "d2"])
      expectProblem(await call("POST", at(delivery, "/replay"), { key }), 409, "not_replayable");
    expectProblem(await call("POST", at("none", "/replay"), { key }), 404, "not_found");
    expect(await examplesOf("replayed")).toMatchObject([{ id: "1", text: "hello" }]);
  });

  it("stores no payload if the source says redact, and deletes earlier ones", async () => {
    const source = await makeInbox("redacted");
    await deliver(source, { id: 1 }, "d1");
    await must("PATCH", `/v1/heads/redacted/sources/${source.id}`, { key, body: { redact: true } });
    await deliver(source, { id: 2 }, "d2");
    const rows = await deliveriesOf("redacted", source);
    expect(rows.map(({ id, replayable }) => [id, replayable])).toEqual([
      ["d2", false],
      ["d1", false],
    ]);
  });

  it("reports what the head rejects, and what is not JSON", async () => {
    await makeHead(key, "fixed", { backbone: "text-embedded", labels: ["a", "b"] });
    const source = await makeSource(key, "fixed", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
    const foreign = await deliver<ProblemBody>(source, { id: 1, text: "x", label: "c" });
    expectProblem(foreign, 422, "delivery_rejected");
    expect(foreign.body).toMatchObject({ reason: "unknown_label", errors: [{ pointer: "/label" }] });
    expectProblem(await deliver<ProblemBody>(source, { id: 1, text: "", label: "a" }), 422, "delivery_rejected");
    const garbage = await post<ProblemBody>(source.url, "not json", standardHeaders(source.secret, "not json"));
    expectProblem(garbage, 422, "unmappable");
    expect((await deliveriesOf("fixed", source, "?outcome=rejected")).length).toBe(2);
    expect((await deliveriesOf("fixed", source, "?outcome=unmappable")).length).toBe(1);
    expect(await sourceOf("fixed", source)).toMatchObject({ failures_in_a_row: 3 });
    await deliver(source, { id: 1, text: "x", label: "a" });
    expect(await sourceOf("fixed", source)).toMatchObject({ failures_in_a_row: 0 });
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

  it("is applied at once, and answered with counts", async () => {
    const source = await makeBatches("batches");
    const first = await deliver(source, { rows: [...rows, rows[0]] }, "m1");
    expect([first.status, first.body]).toMatchObject([202, { outcome: "added", added: 3, unchanged: 1, updated: 0 }]);
    const second = await deliver(source, { rows: [rows[0], { ...rows[1], label: "b" }] });
    expect(second.body).toMatchObject({ outcome: "updated", added: 0, updated: 1, unchanged: 1, deleted: 0 });
    const again = await deliver(source, { rows: [...rows, rows[0]] }, "m1");
    expect([again.status, again.body]).toEqual([200, { delivery: "m1", outcome: "duplicate" }]);
    expect((await examplesOf("batches")).map(({ id, label }) => [id, label])).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "a"],
    ]);
    expect(await deliveriesOf("batches", source)).toMatchObject([
      { changes: { updated: 1, unchanged: 1 } },
      { example: "1", changes: { added: 3, unchanged: 1 } },
    ]);
  });

  it("has no effect if one of them is refused, which is named by its place", async () => {
    const source = await makeBatches("all-or-none", { labels: ["a", "b"] });
    for (const [bad, pointer] of [
      [{ id: 2, text: "x", label: "foreign" }, "/1/label"],
      [{ id: 2, text: "", label: "a" }, "/1/text"],
    ] as const) {
      const answer = await deliver<ProblemBody>(source, { rows: [rows[0], bad, rows[2]] });
      expectProblem(answer, 422, "delivery_rejected");
      expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    }
    expect(await examplesOf("all-or-none")).toEqual([]);
    expect((await deliver(source, { rows })).body).toMatchObject({ added: 3 });
  });
});

it("keeps ids beyond 2^53 distinct", async () => {
  const source = await makeInbox("snowflakes");
  for (const id of ["820982911946154508", "820982911946154509"]) {
    const body = `{"id": ${id}, "text": "text of ${id}", "label": "a"}`;
    expect((await post(source.url, body, standardHeaders(source.secret, body))).body.outcome).toBe("added");
  }
  expect((await examplesOf("snowflakes")).map(({ id }) => id)).toEqual(["820982911946154508", "820982911946154509"]);
});

it("stores the headers of a failed delivery for its replay, but no credentials", async () => {
  await makeTextHead(key, "headers");
  const mapping = { text: "/text", label: "header:X-Label", when: { "header:X-Event": ["made", "remade"] } };
  const source = await makeSource(key, "headers", { scheme: "standard-webhooks", action: "add", mapping });
  const at = `/v1/heads/headers/sources/${source.id}`;
  const body = JSON.stringify({ message: "hello" });
  const send = <T = DeliveryAnswer>(event: string, id: string) =>
    post<T>(source.url, body, {
      ...standardHeaders(source.secret, body, Date.now(), id),
      "X-Event": event,
      "X-Label": "greeting",
      Authorization: "Bearer secret",
    });
  expect((await send("gone", "d0")).body).toMatchObject({ outcome: "ignored", reason: { header: "X-Event" } });
  expectProblem(await send<ProblemBody>("made", "d1"), 422, "unmappable");
  const kept = await must<{ headers: Record<string, string> }>("GET", `${at}/deliveries/d1`, { key });
  expect(kept.headers).toMatchObject({ "x-event": "made", "x-label": "greeting" });
  expect(Object.keys(kept.headers).filter((name) => /auth|signature/.test(name))).toEqual([]);
  await must("PATCH", at, { key, body: { mapping: { ...mapping, text: "/message" } } });
  expect(await must("POST", `${at}/deliveries/d1/replay`, { key })).toMatchObject({ outcome: "added" });
  expect(await examplesOf("headers")).toMatchObject([{ text: "hello", label: "greeting" }]);
  expect(await must("GET", `${at}/deliveries/d1`, { key })).toMatchObject({ headers: null, payload: null });
});

it("label-studio: deletes with the annotation and with the task, for events of its own source only", async () => {
  await makeTextHead(key, "annotations");
  const [source, other] = [await makeLabelStudio("annotations"), await makeLabelStudio("annotations")];
  const result = (...choices: string[]) => [{ type: "choices", from_name: "topic", value: { choices } }];
  const annotation = (id: number, task: number, ...choices: string[]) => ({ id, task, result: result(...choices) });
  const task = (id: number) => ({ id, data: { text: `text of ${id}` } });
  const bulk = {
    action: "ANNOTATIONS_CREATED",
    annotation: [annotation(1, 10, "a"), annotation(2, 20, "b"), annotation(3, 10, "c")],
    task: [task(10), task(20)],
  };
  expect((await deliver(source, bulk)).body).toMatchObject({ outcome: "added", added: 3 });
  expect((await deliver(other, { action: "TASKS_DELETED", tasks: [{ id: 10 }] })).body.outcome).toBe("unchanged");
  const cancelled = {
    action: "ANNOTATION_UPDATED",
    annotation: { ...annotation(2, 20, "b"), was_cancelled: true },
    task: task(20),
  };
  expect((await deliver(source, cancelled)).body).toMatchObject({ outcome: "deleted", deleted: 1 });
  expect((await examplesOf("annotations")).map(({ id }) => id)).toEqual(["1", "3"]);
  expect((await deliver(source, { action: "TASKS_DELETED", tasks: [{ id: 10 }, { id: 99 }] })).body).toMatchObject({
    outcome: "deleted",
    deleted: 2,
  });
  expect(await examplesOf("annotations")).toEqual([]);
});

it("label-studio: a task with more than 1,000 annotations is deleted by a replay, once the API has deleted some", async () => {
  await makeTextHead(key, "crowded");
  const source = await makeLabelStudio("crowded");
  const annotation = (id: number) => ({
    id,
    task: 1,
    result: [{ type: "choices", from_name: "topic", value: { choices: ["a"] } }],
  });
  for (const from of [0, 400, 800]) {
    const bulk = {
      action: "ANNOTATIONS_CREATED",
      annotation: Array.from({ length: 400 }, (_, i) => annotation(from + i)),
      task: [{ id: 1, data: { text: "one text" } }],
    };
    expect((await deliver(source, bulk)).body).toMatchObject({ outcome: "added", added: 400 });
  }
  const payload = { action: "TASKS_DELETED", tasks: [{ id: 1 }] };
  const tried = await must("POST", `/v1/heads/crowded/sources/${source.id}/test`, { key, body: { payload } });
  expect(tried).toMatchObject({ outcome: "rejected", deletes: [], reason: { code: "too_many_deletions" } });
  const refused = await deliver(source, payload);
  expect([refused.status, refused.body]).toMatchObject([422, { reason: "too_many_deletions" }]);
  expect(tried).toMatchObject({ reason: { detail: expect.stringContaining("DELETE …/examples/{id}, then") } });
  for (let id = 0; id < 200; id++) await must("DELETE", `/v1/heads/crowded/examples/${id}`, { key });
  const { delivery } = refused.body;
  const replay = `/v1/heads/crowded/sources/${source.id}/deliveries/${delivery}/replay`;
  expect(await must("POST", replay, { key })).toMatchObject({ outcome: "deleted", deleted: 1_000 });
  expect(await examplesOf("crowded")).toEqual([]);
});

describe("training", () => {
  const train = { scheme: "standard-webhooks", action: "train" } as const;

  it("is started by a source that trains, by a webhook, and once at a time", async () => {
    await makeHead(key, "trains");
    await upload(key, "trains", corners());
    const source = await makeSource(key, "trains", { ...train, mapping: { when: { "/done": true } } });
    expect((await deliver(source, { done: false })).body.outcome).toBe("ignored");
    const [first, second] = [await deliver(source, { done: true }), await deliver(source, { done: true })];
    expect([first.status, first.body.outcome]).toEqual([202, "training"]);
    expect(second.body.job).toBeDefined();
    const job = await waitForJob(key, "trains", first.body.job as string);
    expect(job).toMatchObject({ status: "succeeded", trigger: { kind: "webhook" } });
    expect(await deliveriesOf("trains", source)).toMatchObject([
      {},
      { outcome: "training", job: job.id },
      { outcome: "ignored" },
    ]);
  });

  it("is not started for too few examples, which the response reports", async () => {
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

  it("follows an example if the source adds and trains, and not an existing one", async () => {
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

it("counts a burst exactly: 700 deliveries, 30 % of them repeated, and 5 % forged", async () => {
  const source = await makeInbox("storm");
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
