// Keys that nobody made, though their form and checksum are right: anyone can write one.
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { TenantNames } from "../../src/http/tenant-names.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeHead, makeTenant, must } from "../support/service.ts";

const { TENANTS, HEADS } = env as unknown as Record<"TENANTS" | "HEADS", DurableObjectNamespace>;
const forged = (tenant: string): string => makeKey(tenant, systemRandom);

describe("a key of a tenant that does not exist", () => {
  it("is refused on every kind of route, and opens no object", async () => {
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

  it("keeps nobody out who takes the id afterwards", async () => {
    expectProblem(await call("GET", "/v1/heads", { key: forged("later") }), 401, "unauthenticated");
    const { key } = await makeTenant("later");
    await makeHead(key, "head");
    await must("DELETE", "/v1/tenants/later", { key: ADMIN_KEY });
    expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
    const again = await makeTenant("later");
    expect((await call("GET", "/v1/heads", { key: again.key })).status).toBe(200);
  });

  it("is refused as well where the tenant exists, and another was made with the same id", async () => {
    await makeTenant("there");
    expectProblem(await call("GET", "/v1/heads", { key: forged("there") }), 401, "unauthenticated");
  });
});

describe("what a Worker remembers of ids", () => {
  it("asks once for an id that is not there, and again some seconds later", async () => {
    let [now, asked] = [0, 0];
    const names = new TenantNames(() => now);
    const ask = async (): Promise<boolean> => ++asked > 1;
    for (let i = 0; i < 5; i++) expect(await names.has("a", ask)).toBe(false);
    expect(asked).toBe(1);
    now += 5_000;
    for (let i = 0; i < 5; i++) expect(await names.has("a", ask)).toBe(true);
    expect(asked).toBe(2);
  });

  it("lets the tenant's object decide while the directory cannot be reached, and remembers nothing of that", async () => {
    const names = new TenantNames(() => 0);
    expect(await names.has("a", () => Promise.reject(new Error("gone")))).toBe(true);
    expect(await names.has("a", async () => false)).toBe(false);
  });
});
