// Forged keys with the right form and checksum, which anyone can write.
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { TenantNames } from "../../src/http/auth/tenant-names.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeHead, makeTenant, must } from "../support/service.ts";

const { TENANTS, HEADS } = env as unknown as Record<"TENANTS" | "HEADS", DurableObjectNamespace>;
const forged = (tenant: string): string => makeKey(tenant, systemRandom);

describe("a key of a tenant that does not exist", () => {
  it("is refused on every kind of route, and creates no object", async () => {
    await makeTenant("real");
    const before = [(await listDurableObjectIds(TENANTS)).length, (await listDurableObjectIds(HEADS)).length];
    for (let i = 0; i < 30; i++) {
      const key = forged(`nobody-${i}`);
      const predict = { key, body: { inputs: [{ text: "x" }] } };
      expectProblem(await call("POST", "/v1/heads/any/predict", predict), 401, "unauthenticated");
      expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
      expectProblem(await call("GET", "/v1/tenants", { key }), 401, "unauthenticated");
      const once = { key, body: {}, headers: { "Idempotency-Key": "k" } };
      expectProblem(await call("POST", "/v1/heads", once), 401, "unauthenticated");
    }
    const after = [(await listDurableObjectIds(TENANTS)).length, (await listDurableObjectIds(HEADS)).length];
    expect(after).toEqual(before);
  });

  it("does not affect a tenant that is created later with the id", async () => {
    expectProblem(await call("GET", "/v1/heads", { key: forged("later") }), 401, "unauthenticated");
    const { key } = await makeTenant("later");
    await makeHead(key, "head");
    await must("DELETE", "/v1/tenants/later", { key: ADMIN_KEY });
    expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
    const again = await makeTenant("later");
    expect((await call("GET", "/v1/heads", { key: again.key })).status).toBe(200);
  });

  it("is also refused if the tenant exists and has another key", async () => {
    await makeTenant("there");
    expectProblem(await call("GET", "/v1/heads", { key: forged("there") }), 401, "unauthenticated");
  });
});

describe("a Worker's cache of tenant ids", () => {
  it("looks an unknown id up once, and again some seconds later", async () => {
    let [now, asked] = [0, 0];
    const names = new TenantNames(() => now);
    const ask = async (): Promise<boolean> => ++asked > 1;
    for (let i = 0; i < 5; i++) expect(await names.has("a", ask)).toBe(false);
    expect(asked).toBe(1);
    now += 5_000;
    for (let i = 0; i < 5; i++) expect(await names.has("a", ask)).toBe(true);
    expect(asked).toBe(2);
  });

  it("leaves the decision to the tenant's object while the directory is unreachable, and stores nothing", async () => {
    const names = new TenantNames(() => 0);
    expect(await names.has("a", () => Promise.reject(new Error("gone")))).toBe(true);
    expect(await names.has("a", async () => false)).toBe(false);
  });
});
