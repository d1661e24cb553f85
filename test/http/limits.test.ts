// Rates of a tenant and of a key: what every response reports, what happens above the limit, and that a cached key stops in
// time.
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { CreatedKey, KeyView } from "../../src/contract/keys.ts";
import type { TenantRpc } from "../../src/contract/tenant-rpc.ts";
import type { Quotas, TenantView } from "../../src/contract/tenants.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import {
  ADMIN_KEY,
  call,
  corners,
  makeHead,
  makeTenant,
  makeTrainedHead,
  must,
  train,
  upload,
} from "../support/service.ts";
import { until } from "../support/until.ts";

const setQuotas = (tenant: string, quotas: Quotas) =>
  must<TenantView>("PATCH", `/v1/tenants/${tenant}`, { key: ADMIN_KEY, body: { quotas } });
const objectOf = (tenant: string): TenantRpc => env.TENANTS.getByName(tenant) as unknown as TenantRpc;
const getHead = (key: string) => call("GET", "/v1/heads/h", { key });

/** Parses the part of structured fields (RFC 9651) that is used here: by name, the parameters of each member. */
function members(field: string | null): Record<string, Record<string, string>> {
  const parsed = (field ?? "").split(", ").map((member) => {
    const [name, ...parameters] = member.split(";");
    return [JSON.parse(name as string), Object.fromEntries(parameters.map((parameter) => parameter.split("=")))];
  });
  return Object.fromEntries(parsed);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("every response to a tenant's key", () => {
  it("reports the limits and the remaining budget, for refusals and errors too", async () => {
    const { key } = await makeTenant("told");
    const policy = members((await call("GET", "/v1/heads", { key })).headers.get("RateLimit-Policy"));
    expect(policy).toEqual({
      requests: { q: String(LIMITS.requestsPerMinute), w: "60" },
      inputs: { q: String(LIMITS.inputsPerMinute), w: "60", qu: '"inputs"' },
    });
    for (const [method, path, status] of [
      ["GET", "/v1/heads", 200],
      ["GET", "/v1/heads/none", 404],
      ["POST", "/v1/heads", 415],
      ["GET", "/v1/tenants", 403],
    ] as const) {
      const answer = await call(method, path, { key, body: method === "POST" ? "x" : undefined });
      expect(answer.status).toBe(status);
      expect(members(answer.headers.get("RateLimit")).requests?.t).toMatch(/^[1-9]\d*$/);
      expect(answer.headers.has("RateLimit-Policy")).toBe(true);
    }
    expect((await call("GET", "/healthz")).headers.has("RateLimit")).toBe(false);
    expect((await call("GET", "/v1/tenants", { key: ADMIN_KEY })).headers.has("RateLimit")).toBe(false);
  });
});

describe("a tenant with 12 requests a minute", () => {
  it("gets 12 answers, each with the remaining number, and then refusals until some are free again", async () => {
    const { key } = await makeTenant("few-requests");
    await setQuotas("few-requests", { requests_per_minute: 12 });
    for (let left = 11; left >= 0; left--) {
      const { status, headers } = await call("GET", "/v1/heads", { key });
      expect(status).toBe(200);
      expect(members(headers.get("RateLimit")).requests?.r).toBe(String(left));
    }
    const refused = await call("GET", "/v1/heads", { key });
    expectProblem(refused, 429, "rate_limited");
    const seconds = Number(refused.headers.get("Retry-After"));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(66);
    expect(members(refused.headers.get("RateLimit")).requests).toEqual({ r: "0", t: String(seconds) });

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1_000 });
    expect((await call("GET", "/v1/heads", { key })).status).toBe(200);
  });

  it("gets 12 answers for 60 concurrent requests", async () => {
    const { key } = await makeTenant("few-at-once");
    await setQuotas("few-at-once", { requests_per_minute: 12 });
    const answers = await Promise.all(Array.from({ length: 60 }, () => getHead(key)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(12).fill(404), ...Array(48).fill(429)]);
  });

  it("does not affect other tenants, and gets more answers as soon as its quota is raised", async () => {
    const [{ key }, other] = [await makeTenant("raised"), await makeTenant("unhurt")];
    await setQuotas("raised", { requests_per_minute: 0 });
    expectProblem(await getHead(key), 429, "rate_limited");
    expect((await getHead(other.key)).status).toBe(404);
    await setQuotas("raised", { requests_per_minute: 50 });
    expect((await getHead(key)).status).toBe(404);
  });
});

it("a tenant sees the current limits and what remains from the first response after a change", async () => {
  const { key } = await makeTenant("changed");
  const limits = async () => {
    const { headers } = await getHead(key);
    const { requests, inputs } = members(headers.get("RateLimit-Policy"));
    return { requests: requests?.q, inputs: inputs?.q, left: members(headers.get("RateLimit")).inputs?.r };
  };
  const [requests, inputs] = [String(LIMITS.requestsPerMinute), String(LIMITS.inputsPerMinute)];
  expect(await limits()).toEqual({ requests, inputs, left: inputs });
  await setQuotas("changed", { requests_per_minute: 50 });
  expect(await limits()).toEqual({ requests: "50", inputs, left: inputs });
  await setQuotas("changed", { inputs_per_minute: 7 });
  expect(await limits()).toEqual({ requests: "50", inputs: "7", left: "7" });
});

describe("a key with its own rate", () => {
  it("is refused above its rate, and other keys of the tenant are not", async () => {
    const { key: admin } = await makeTenant("own-rate");
    const made = await must<CreatedKey>("POST", "/v1/keys", {
      key: admin,
      body: { scopes: ["read"], requests_per_minute: 3 },
    });
    expect(made.requests_per_minute).toBe(3);
    for (let left = 2; left >= 0; left--) {
      const { headers } = await getHead(made.key);
      expect(members(headers.get("RateLimit")).key?.r).toBe(String(left));
      expect(members(headers.get("RateLimit-Policy")).key).toEqual({ q: "3", w: "60" });
    }
    expectProblem(await getHead(made.key), 429, "rate_limited");
    expect((await getHead(admin)).status).toBe(404);
    const listed = await must<{ data: KeyView[] }>("GET", "/v1/keys", { key: admin });
    expect(listed.data.map(({ requests_per_minute: rate }) => rate)).toEqual([null, 3]);
  });
});

describe("inputs", () => {
  it("are refused above the quota: inputs of predictions, and of examples whose features are not stored", async () => {
    const { key } = await makeTenant("few-inputs");
    await makeTrainedHead(key, "h");
    await setQuotas("few-inputs", { inputs_per_minute: 30 }); // 20 went into the training set
    const predict = (count: number) => {
      const inputs = Array.from({ length: count }, (_, i) => ({ features: [i, -i] }));
      return call("POST", "/v1/heads/h/predict", { key, body: { inputs } });
    };
    expectProblem(await predict(11), 429, "rate_limited");
    const answer = await predict(8);
    expect(answer.status).toBe(200);
    expect(members(answer.headers.get("RateLimit")).inputs?.r).toBe("2");
    const send = (examples: readonly unknown[]) => call("POST", "/v1/heads/h/examples", { key, body: { examples } });
    expectProblem(await send([1, 2, 3].map((n) => ({ features: [n, 9], label: "north" }))), 429, "rate_limited");
    expect((await send(corners())).status).toBe(200);
  });
});

describe("a cached key", () => {
  let at = 0;
  beforeAll(() => {
    at = Date.now();
  });
  const later = (seconds: number) => vi.useFakeTimers({ toFake: ["Date"], now: at + seconds * 1_000 });

  it("is refused within 20 s if another Worker has revoked it", async () => {
    const { key: admin } = await makeTenant("revoked-elsewhere");
    const made = await must<CreatedKey>("POST", "/v1/keys", { key: admin, body: { scopes: ["read"] } });
    later(1);
    expect((await getHead(made.key)).status).toBe(404);
    await objectOf("revoked-elsewhere").revokeKey(made.id);
    expect((await getHead(made.key)).status).toBe(404);
    later(21.5);
    expectProblem(await getHead(made.key), 401, "unauthenticated");
  });

  it("is refused within 20 s if another Worker has deleted its tenant", async () => {
    const { key } = await makeTenant("deleted-elsewhere");
    later(1);
    expect((await getHead(key)).status).toBe(404);
    await objectOf("deleted-elsewhere").beginDeletion();
    later(21.5);
    expectProblem(await getHead(key), 401, "unauthenticated");
  });

  it("is looked up again in the background after 10 s, and is refused once the result is known", async () => {
    const { key: admin } = await makeTenant("revoked-behind");
    const made = await must<CreatedKey>("POST", "/v1/keys", { key: admin, body: { scopes: ["read"] } });
    later(1);
    await getHead(made.key);
    await objectOf("revoked-behind").revokeKey(made.id);
    later(12);
    await getHead(made.key);
    await until(async () => (await getHead(made.key)).status !== 404);
    expectProblem(await getHead(made.key), 401, "unauthenticated");
  });

  it("is refused from the second when it expires", async () => {
    const { key: admin } = await makeTenant("expiring");
    const expires = new Date(at + 5_000).toISOString();
    const body = { scopes: ["read"], expires_at: expires };
    later(1);
    const made = await must<CreatedKey>("POST", "/v1/keys", { key: admin, body });
    expect((await getHead(made.key)).status).toBe(404);
    later(4.9);
    expect((await getHead(made.key)).status).toBe(404);
    later(5);
    expectProblem(await getHead(made.key), 401, "unauthenticated");
  });

  it("is looked up again by the routes that manage keys and tenants", async () => {
    const { key: admin } = await makeTenant("key-ring");
    const made = await must<CreatedKey>("POST", "/v1/keys", { key: admin, body: { scopes: ["admin"] } });
    later(1);
    expect((await getHead(made.key)).status).toBe(404);
    await objectOf("key-ring").revokeKey(made.id);
    const answer = await call("POST", "/v1/keys", { key: made.key, body: { scopes: ["admin"] } });
    expectProblem(answer, 401, "unauthenticated");
  });

  it("needs no call to the tenant's object, and neither does its rate", async () => {
    const { key } = await makeTenant("no-hop");
    await makeTrainedHead(key, "h");
    const calls = vi.spyOn(env.TENANTS, "getByName");
    for (let i = 0; i < 50; i++) {
      await must("POST", "/v1/heads/h/predict", { key, body: { inputs: [{ features: [i, i] }] } });
    }
    expect(calls.mock.calls.length).toBeLessThanOrEqual(1); // counts are reported every four seconds
    await must("GET", "/v1/heads", { key });
    expect(calls).toHaveBeenCalled();
    calls.mockRestore();
  });
});

describe("a training above the quota of work", () => {
  it("is refused with 429, and Retry-After is at most a day", async () => {
    const { key } = await makeTenant("no-work");
    await makeHead(key, "h");
    await upload(key, "h", corners());
    await train(key, "h");
    await setQuotas("no-work", { training_seconds_per_day: 0 });
    const refused = await call("POST", "/v1/heads/h/jobs", { key, body: {} });
    expectProblem(refused, 429, "quota_exceeded");
    expect(refused.body.detail).toContain("training_seconds_per_day");
    expect(Number(refused.headers.get("Retry-After"))).toBeLessThanOrEqual(86_400);
    await setQuotas("no-work", { training_seconds_per_day: 60 });
    expect((await train(key, "h")).status).toBe("succeeded");
  });
});

describe("an upload above the quota of storage", () => {
  it("is refused with 429, and is accepted once the quota is raised", async () => {
    const { key } = await makeTenant("no-room");
    await makeHead(key, "h");
    await setQuotas("no-room", { storage_bytes: 1_000 });
    const refused = await call("POST", "/v1/heads/h/examples", { key, body: { examples: corners() } });
    expectProblem(refused, 429, "quota_exceeded");
    expect(refused.body.detail).toContain("storage_bytes");
    await setQuotas("no-room", { storage_bytes: 10_000_000 });
    expect(await upload(key, "h", corners())).toMatchObject({ added: 20 });
  });

  it("also prevents trainings, until there is room for another version", async () => {
    const { key } = await makeTenant("no-room-to-train");
    await makeHead(key, "h");
    await upload(key, "h", corners());
    await setQuotas("no-room-to-train", { storage_bytes: 1_000 });
    const refused = await call("POST", "/v1/heads/h/jobs", { key, body: {} });
    expectProblem(refused, 429, "quota_exceeded");
    expect(refused.body.detail).toContain("storage_bytes");
    await setQuotas("no-room-to-train", { storage_bytes: 10_000_000 });
    expect((await train(key, "h")).status).toBe("succeeded");
  });

  it("is measured over all existing heads of the tenant", async () => {
    const { key } = await makeTenant("shared-room");
    await makeHead(key, "first");
    await makeHead(key, "second");
    await upload(key, "first", corners());
    await upload(key, "second", corners());
    await setQuotas("shared-room", { storage_bytes: 300_000 });
    const send = () => call("POST", "/v1/heads/second/examples", { key, body: { examples: corners() } });
    await makeHead(key, "third");
    const refused = await call("POST", "/v1/heads/third/examples", { key, body: { examples: corners() } });
    expectProblem(refused, 429, "quota_exceeded");
    await call("DELETE", "/v1/heads/first", { key });
    expect((await send()).status).toBe(200);
  });
});
