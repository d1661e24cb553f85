// Endpoints over HTTP: their views, their visibility, their deliveries, and the responses. test/long/webhooks-out.test.ts
// tests what a receiver sees.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { EndpointDelivery, EndpointView, EndpointWithSecret } from "../../src/contract/endpoints.ts";
import { EVENT_TYPES, type EventType } from "../../src/contract/events.ts";
import type { TenantRpc } from "../../src/contract/tenant-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeTenant, makeTrainedHead, must, ORIGIN } from "../support/service.ts";

/** A URL whose requests fail. */
const URL = "http://outside.test/503/2000";
let key = "";
beforeAll(async () => {
  key = (await makeTenant("hooked")).key;
});

const make = (body: object = {}, as = key) =>
  must<EndpointWithSecret>("POST", "/v1/endpoints", { key: as, body: { url: URL, events: ["*"], ...body } });
const show = (id: string, as = key) => must<EndpointView>("GET", `/v1/endpoints/${id}`, { key: as });
const patch = (id: string, body: object, as = key) =>
  must<EndpointView>("PATCH", `/v1/endpoints/${id}`, { key: as, body });
const list = async (id: string, query = "", as = key) =>
  must<Page<EndpointDelivery>>("GET", `/v1/endpoints/${id}/deliveries${query}`, { key: as });

/** Waits until `count` deliveries have been attempted, and returns them. */
async function tried(id: string, count: number, as = key): Promise<readonly EndpointDelivery[]> {
  for (;;) {
    const { data } = await list(id, "", as);
    if (data.filter(({ last_attempt: last }) => last !== null).length >= count) return data;
    await scheduler.wait(20);
  }
}

const tenantObject = (tenant: string) => env.TENANTS.getByName(tenant);

/** Reports an event to the tenant, as one of its heads does. */
async function tell(tenant: string, id: string, type: EventType): Promise<void> {
  const space = await runInDurableObject(tenantObject(tenant), (_, { storage }) => {
    const { value } = storage.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });
  const rpc = tenantObject(tenant) as unknown as TenantRpc;
  expect(await rpc.acceptEvents(space, [{ id, type, data: { head: "h" }, at: Date.now() }])).toMatchObject({
    ok: true,
  });
}

describe("an endpoint", () => {
  it("is created with a secret that is shown only once", async () => {
    const body = { url: URL, events: ["job.failed", "version.promoted"], description: "alerts" };
    const answer = await call<EndpointWithSecret>("POST", "/v1/endpoints", { key, body });
    expect(answer.status).toBe(201);
    const { secret, ...endpoint } = answer.body;
    expect(answer.headers.get("Location")).toBe(`/v1/endpoints/${endpoint.id}`);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpoint).toMatchObject({
      ...body,
      id: expect.stringMatching(/^ep_/),
      disabled: false,
      failing_since: null,
    });
    expect(await show(endpoint.id)).toEqual(endpoint);
    const listed = await call<Page<EndpointView>>("GET", "/v1/endpoints", { key });
    expect(listed.body.data).toContainEqual(endpoint);
    expect(listed.text).not.toContain("whsec_");
  });

  it("can be changed field by field, disabled, enabled, and deleted with its deliveries", async () => {
    const { id } = await make({ description: "one" });
    expect(await patch(id, { events: ["job.failed"] })).toMatchObject({
      events: ["job.failed"],
      description: "one",
      url: URL,
    });
    expect(await patch(id, { url: "http://outside.test/204", description: null })).toMatchObject({
      url: "http://outside.test/204",
      description: null,
    });
    expect(await patch(id, { disabled: true })).toMatchObject({ disabled: true, disabled_reason: "asked" });
    expect(await patch(id, {})).toMatchObject({ disabled: true, events: ["job.failed"] });
    expect(await patch(id, { disabled: false })).toMatchObject({ disabled: false, disabled_reason: null });
    expect((await call("DELETE", `/v1/endpoints/${id}`, { key })).status).toBe(204);
    for (const path of [`/v1/endpoints/${id}`, `/v1/endpoints/${id}/deliveries`])
      expectProblem(await call("GET", path, { key }), 404, "not_found");
  });

  it("is not found for another tenant", async () => {
    const { id } = await make();
    const theirs = (await makeTenant("hooked-not")).key;
    expectProblem(await call("GET", `/v1/endpoints/${id}`, { key: theirs }), 404, "not_found");
    expectProblem(await call("POST", `/v1/endpoints/${id}/test`, { key: theirs }), 404, "not_found");
    expect(await must("GET", "/v1/endpoints", { key: theirs })).toMatchObject({ data: [] });
  });

  it.each([
    [{ url: "ftp://example.com/" }, "/url"],
    [{ url: "http://user:secret@example.com/" }, "/url"],
    [{ url: "nowhere" }, "/url"],
    [{ url: "http://outside.test/v1/hooks/src_00000000000000000000" }, "/url"],
    [{ url: "http://outside.test../200" }, "/url"],
    [{ url: `${ORIGIN}/v1/hooks/any` }, "/url"],
    [{ url: `${ORIGIN}/v1/heads` }, "/url"],
    [{ url: `https://example.com/${"x".repeat(LIMITS.urlChars)}` }, "/url"],
    [{ events: [] }, "/events"],
    [{ events: ["job.done"] }, "/events/0"],
    [{ secret: "whsec_mine" }, "/secret"],
  ])(
    "is refused as %j, with a pointer to the field, when it is created and when it is changed",
    async (wrong, pointer) => {
      const { id } = await make();
      for (const [method, path] of [
        ["POST", "/v1/endpoints"],
        ["PATCH", `/v1/endpoints/${id}`],
      ] as const) {
        const body = method === "POST" ? { url: URL, events: ["*"], ...wrong } : wrong;
        const answer = await call(method, path, { key, body });
        expectProblem(answer, 400, "invalid_request");
        expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
      }
    },
  );

  it("is refused above the limit of endpoints", async () => {
    const many = (await makeTenant("hooked-much")).key;
    for (let i = 0; i < LIMITS.endpointsPerTenant; i++) await make({}, many);
    const answer = await call("POST", "/v1/endpoints", { key: many, body: { url: URL, events: ["*"] } });
    expectProblem(answer, 429, "quota_exceeded");
  });
});

describe("a delivery", () => {
  it("shows the response code, the response's first kilobyte, the number of attempts, and the time of the next attempt", async () => {
    const { id } = await make();
    const sent = await call<EndpointDelivery>("POST", `/v1/endpoints/${id}/test`, { key });
    expect(sent).toMatchObject({ status: 202, body: { type: "endpoint.test", status: "pending" } });
    const [delivery] = await tried(id, 1);
    expect(delivery).toMatchObject({
      id: sent.body.id,
      event: expect.stringMatching(/^msg_/),
      status: "pending",
      attempts: 1,
    });
    expect(delivery?.last_attempt).toMatchObject({ code: 503, body: "x".repeat(1_024), error: null });
    const waitMs = Date.parse(delivery?.next_attempt_at as string) - Date.parse(delivery?.created_at as string);
    expect(waitMs).toBeGreaterThanOrEqual(5_000);
    expect((await show(id)).failing_since).not.toBeNull();
  });

  it("is sent again from its first attempt on request, with the same event", async () => {
    const { id } = await make();
    await must("POST", `/v1/endpoints/${id}/test`, { key });
    const [before] = await tried(id, 1);
    const path = `/v1/endpoints/${id}/deliveries/${before?.id}/redeliver`;
    const again = await call<EndpointDelivery>("POST", path, { key });
    expect(again).toMatchObject({
      status: 202,
      body: { id: before?.id, event: before?.event, attempts: 0, status: "pending" },
    });
    expectProblem(await call("POST", path.replace("dlv_", "dlv_x"), { key }), 404, "not_found");
    const other = await make();
    expectProblem(await call("POST", path.replace(id, other.id), { key }), 404, "not_found");
  });

  it("is neither tested nor sent again while its endpoint is disabled, and stays until the endpoint is enabled", async () => {
    const { id } = await make();
    await must("POST", `/v1/endpoints/${id}/test`, { key });
    const [delivery] = await tried(id, 1);
    await patch(id, { disabled: true });
    for (const path of ["test", `deliveries/${delivery?.id}/redeliver`])
      expectProblem(await call("POST", `/v1/endpoints/${id}/${path}`, { key }), 409, "endpoint_disabled");
    expect(await patch(id, { disabled: false })).toMatchObject({ failing_since: null });
    expect((await list(id)).data[0]).toMatchObject({ status: "pending", attempts: 1 });
  });

  it("exists once for each event that its endpoint subscribes to, even if the tenant receives the event twice", async () => {
    const own = (await makeTenant("hooked-events")).key;
    const all = await make({}, own);
    const some = await make({ events: ["job.failed", "version.promoted"] }, own);
    const none = await make({}, own);
    await patch(none.id, { disabled: true }, own);
    for (const type of [...EVENT_TYPES, ...EVENT_TYPES]) await tell("hooked-events", `msg_${type}`, type);
    const events = async (id: string) => (await list(id, "?limit=200", own)).data.map(({ event }) => event).sort();
    expect(await events(all.id)).toEqual(EVENT_TYPES.map((type) => `msg_${type}`).sort());
    expect(await events(some.id)).toEqual(["msg_job.failed", "msg_version.promoted"]);
    expect(await events(none.id)).toEqual([]);
  });

  it("is listed newest first, in pages, and can be filtered by status", async () => {
    const { id } = await make();
    for (let i = 0; i < 3; i++) await must("POST", `/v1/endpoints/${id}/test`, { key });
    const all = (await list(id)).data.map((one) => one.id);
    expect(all).toHaveLength(3);
    const first = await list(id, "?limit=2&status=pending");
    expect(first).toMatchObject({ has_more: true });
    const rest = await list(id, `?limit=2&status=pending&after=${first.next}`);
    expect([...first.data, ...rest.data].map((one) => one.id)).toEqual(all);
    expect(await list(id, "?status=succeeded")).toMatchObject({ data: [], has_more: false });
  });

  it("reports a training, its version and its promotion", async () => {
    const own = (await makeTenant("hooked-train")).key;
    const { id } = await make({}, own);
    await makeTrainedHead(own, "head");
    const types = (await tried(id, 3, own)).map(({ type }) => type).reverse();
    expect(types).toEqual(["job.succeeded", "version.created", "version.promoted"]);
  });
});

describe("an attempt", () => {
  /** The result of one event sent to `url`, and the endpoint's state. */
  async function outcome(url: string) {
    const { id } = await make({ url });
    await must("POST", `/v1/endpoints/${id}/test`, { key });
    const [delivery] = await tried(id, 1);
    return { ...(delivery as EndpointDelivery), endpoint: await show(id) };
  }

  it("completes the delivery if the response is 2xx", async () => {
    for (const status of [200, 204]) {
      const { endpoint, ...delivery } = await outcome(`http://outside.test/${status}`);
      expect(delivery).toMatchObject({ status: "succeeded", next_attempt_at: null, last_attempt: { code: status } });
      expect(endpoint.failing_since).toBeNull();
    }
  });

  it("sends nothing if the URL is the address of a source", async () => {
    const { id } = await make();
    await runInDurableObject(tenantObject("hooked"), (_, { storage }) => {
      storage.sql.exec("UPDATE endpoints SET url = ? WHERE id = ?", "http://outside.test/v1/hooks/src_before", id);
    });
    await must("POST", `/v1/endpoints/${id}/test`, { key });
    const [delivery] = await tried(id, 1);
    expect(delivery?.last_attempt).toMatchObject({
      code: null,
      error: expect.stringMatching(/^Not sent: the URL must not be/),
    });
  });

  it("fails if the response is a redirect, which is not followed", async () => {
    const { status, last_attempt: last } = await outcome("http://outside.test/302?Location=http://outside.test/200");
    expect({ status, code: last?.code }).toEqual({ status: "pending", code: 302 });
  });

  it("ends the delivery and disables the endpoint if the response is 410", async () => {
    const { endpoint, ...delivery } = await outcome("http://outside.test/410");
    expect(delivery).toMatchObject({ status: "failed", next_attempt_at: null, attempts: 1 });
    expect(endpoint).toMatchObject({ disabled: true, disabled_reason: "gone" });
  });

  it("is followed by the next one after the time in Retry-After", async () => {
    const { created_at: made, next_attempt_at: next } = await outcome("http://outside.test/429?Retry-After=3600");
    expect(Date.parse(next as string) - Date.parse(made)).toBeGreaterThanOrEqual(3_600_000);
  });
});

describe("five days of failures", () => {
  it("disable the endpoint, and the tenant's other endpoints receive an event about that", async () => {
    const own = (await makeTenant("hooked-long")).key;
    const [ill, other] = [await make({}, own), await make({}, own)];
    await must("POST", `/v1/endpoints/${ill.id}/test`, { key: own });
    await tried(ill.id, 1, own);
    const long = Date.now() - 5 * 86_400_000;
    await runInDurableObject(tenantObject("hooked-long"), (_, { storage }) => {
      storage.sql.exec("UPDATE endpoints SET failing_since = ? WHERE id = ?", long, ill.id);
    });
    await must("POST", `/v1/endpoints/${ill.id}/test`, { key: own });
    await tried(other.id, 1, own);
    expect(await show(ill.id, own)).toMatchObject({ disabled: true, disabled_reason: "failing" });
    expect((await list(other.id, "", own)).data).toMatchObject([{ type: "endpoint.disabled" }]);
  });
});
