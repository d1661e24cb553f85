// Deliveries without an effect: forged and stale deliveries store nothing, unreadable ones are stored until they are sent again.
import { beforeAll, describe, expect, it } from "vitest";
import type { DeliveryAnswer } from "../../src/contract/deliveries.ts";
import type { RefusalsView } from "../../src/contract/sources.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { deliveriesOf, EVENT, examplesOf, MAPPING, makeInbox, sourceOf } from "../support/inbox.ts";
import { expectProblem } from "../support/problems.ts";
import { type Random, seededRandom } from "../support/random.ts";
import { call, makeHead, makeTenant, makeTextHead, must, type ProblemBody } from "../support/service.ts";
import { standardHeaders } from "../support/signing.ts";
import { deliver, makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hook-refusals")).key;
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

describe("a forged request", () => {
  it("is refused as forged or as stale, and stores no row", async () => {
    const source = await makeInbox(key, "forged");
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
    expect(await examplesOf(key, "forged")).toEqual([]);
    expect(await deliveriesOf(key, "forged", source)).toEqual([]);
  });

  it("never changes the state of its source, and is counted for the operator", async () => {
    const source = await makeInbox(key, "forged-state");
    await deliver(source, { id: 1 }, "bad");
    const before = await sourceOf(key, "forged-state", source);
    expect(before).toMatchObject({ failures_in_a_row: 1 });
    const refusals = () => must<RefusalsView>("GET", `/v1/heads/forged-state/sources/${source.id}/refusals`, { key });
    expect(await refusals()).toEqual({ count: 0, since: null, last: null });
    const body = JSON.stringify(EVENT);
    const forged = standardHeaders(`whsec_${btoa("x".repeat(32))}`, body);
    for (let i = 0; i < LIMITS.failuresBeforeEvent + 5; i++) await post(source.url, body, forged);
    await post(source.url, body, standardHeaders(source.secret, body, Date.now() - 310_000));
    expect(await sourceOf(key, "forged-state", source)).toEqual(before);
    const counted = { code: "stale_timestamp", detail: expect.any(String), at: expect.any(String) };
    expect(await refusals()).toEqual({
      count: LIMITS.failuresBeforeEvent + 6,
      since: expect.any(String),
      last: counted,
    });
    expect((await deliveriesOf(key, "forged-state", source)).map(({ id }) => id)).toEqual(["bad"]);
  });

  it("does not count as another failure if it replays a failed delivery", async () => {
    const source = await makeInbox(key, "failed-again");
    for (let i = 0; i < 3; i++) await deliver(source, { id: 1 }, "bad");
    expect(await sourceOf(key, "failed-again", source)).toMatchObject({ failures_in_a_row: 1 });
    expect(await deliveriesOf(key, "failed-again", source)).toMatchObject([{ id: "bad", attempts: 3 }]);
  });

  it("is refused 2,000 times, with random mutations of headers and bodies, without a 5xx and without an effect", async () => {
    const source = await makeInbox(key, "mutated");
    const random = seededRandom(7);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 2_000; i++) {
      const { headers, body } = mutant(source.secret, i, random);
      const { status } = await post(source.url, body, headers);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([[401, 2_000]]);
    expect(await examplesOf(key, "mutated")).toEqual([]);
    expect(await deliveriesOf(key, "mutated", source)).toEqual([]);
  });

  it("is answered with 404 if no source has the address, or none has it any more", async () => {
    const source = await makeInbox(key, "short-lived");
    for (const id of ["src_absent", "src_00000000000000000000", "__proto__", "x".repeat(150)]) {
      expectProblem(await post<ProblemBody>(`/v1/hooks/${id}`, "{}", {}), 404, "not_found");
    }
    await must("DELETE", `/v1/heads/short-lived/sources/${source.id}`, { key });
    expectProblem(await deliver<ProblemBody>(source, EVENT), 404, "not_found");
  });

  it("is refused as too large above a MiB", async () => {
    const source = await makeInbox(key, "large");
    const answer = await post<ProblemBody>(source.url, "x".repeat(2 ** 20 + 1), {});
    expectProblem(answer, 413, "too_large");
  });
});

describe("a delivery that fails", () => {
  it("is answered with 422 and the pointer, stored, and succeeds when it is sent again after the mapping is corrected", async () => {
    const source = await makeInbox(key, "mended");
    const odd = { id: 1, message: "hello", label: "greeting" };
    const answer = await deliver<ProblemBody>(source, odd, "msg_odd");
    expectProblem(answer, 422, "unmappable");
    expect(answer.body).toMatchObject({ delivery: "msg_odd", errors: [{ pointer: "/text" }] });
    expect(await deliveriesOf(key, "mended", source)).toMatchObject([
      { id: "msg_odd", outcome: "unmappable", replayable: true, reason: { code: "unmappable", pointer: "/text" } },
    ]);
    const mapping = { ...MAPPING, text: { first: ["/text", "/message"] } };
    await must("PATCH", `/v1/heads/mended/sources/${source.id}`, { key, body: { mapping } });
    expect((await deliver(source, odd, "msg_odd")).body.outcome).toBe("added");
    expect(await deliveriesOf(key, "mended", source)).toMatchObject([
      { outcome: "added", attempts: 2, replayable: false, reason: null },
    ]);
    expect((await deliver(source, odd, "msg_odd")).body.outcome).toBe("duplicate");
  });

  it("is replayed on request, once, and not after its payload was redacted", async () => {
    const source = await makeInbox(key, "replayed");
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
    expect(await examplesOf(key, "replayed")).toMatchObject([{ id: "1", text: "hello" }]);
  });

  it("stores no payload once the source says redact, and loses earlier payloads", async () => {
    const source = await makeInbox(key, "redacted");
    await deliver(source, { id: 1 }, "d1");
    await must("PATCH", `/v1/heads/redacted/sources/${source.id}`, { key, body: { redact: true } });
    await deliver(source, { id: 2 }, "d2");
    const rows = await deliveriesOf(key, "redacted", source);
    expect(rows.map(({ id, replayable }) => [id, replayable])).toEqual([
      ["d2", false],
      ["d1", false],
    ]);
  });

  it("reports what the head rejects, and bodies that are not JSON", async () => {
    await makeHead(key, "fixed", { backbone: "text-embedded", labels: ["a", "b"] });
    const source = await makeSource(key, "fixed", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
    const foreign = await deliver<ProblemBody>(source, { id: 1, text: "x", label: "c" });
    expectProblem(foreign, 422, "delivery_rejected");
    expect(foreign.body).toMatchObject({ reason: "unknown_label", errors: [{ pointer: "/label" }] });
    expectProblem(await deliver<ProblemBody>(source, { id: 1, text: "", label: "a" }), 422, "delivery_rejected");
    const garbage = await post<ProblemBody>(source.url, "not json", standardHeaders(source.secret, "not json"));
    expectProblem(garbage, 422, "unmappable");
    expect((await deliveriesOf(key, "fixed", source, "?outcome=rejected")).length).toBe(2);
    expect((await deliveriesOf(key, "fixed", source, "?outcome=unmappable")).length).toBe(1);
    expect(await sourceOf(key, "fixed", source)).toMatchObject({ failures_in_a_row: 3 });
    await deliver(source, { id: 1, text: "x", label: "a" });
    expect(await sourceOf(key, "fixed", source)).toMatchObject({ failures_in_a_row: 0 });
  });
});

it("the headers of a failed delivery are stored for its replay, but no credentials", async () => {
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
  expect(await examplesOf(key, "headers")).toMatchObject([{ text: "hello", label: "greeting" }]);
  expect(await must("GET", `${at}/deliveries/d1`, { key })).toMatchObject({ headers: null, payload: null });
});
