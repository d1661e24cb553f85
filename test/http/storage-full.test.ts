// A full store, simulated by a trigger that raises SQLite's error text, as workerd passes it on.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { nameOfHead } from "../../src/env.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must } from "../support/service.ts";

const { HEADS, TENANTS } = env as unknown as Record<"HEADS" | "TENANTS", DurableObjectNamespace>;
const FULL = "SELECT RAISE(ABORT, 'database or disk is full: SQLITE_FULL')";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("full")).key;
  await makeHead(key, "head");
});

async function spaceOf(tenant: string): Promise<string> {
  return runInDurableObject(TENANTS.getByName(tenant), (_, { storage: { sql } }) => {
    const { value } = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });
}

it("an upload that does not fit is answered with 507 and stores nothing, and the head still answers", async () => {
  const head = HEADS.getByName(nameOfHead({ tenant: "full", space: await spaceOf("full") }, "head"));
  await runInDurableObject(head, (_, { storage: { sql } }) => {
    sql.exec(`CREATE TRIGGER full BEFORE INSERT ON examples BEGIN ${FULL}; END`);
  });
  const body = { examples: [{ features: [1, 2], label: "a" }] };
  expectProblem(await call("POST", "/v1/heads/head/examples", { key, body }), 507, "storage_full");
  expect(await must("GET", "/v1/heads/head", { key })).toMatchObject({ examples: { total: 0 } });
});

it("a request is answered with 507 if its Idempotency-Key cannot be stored", async () => {
  await runInDurableObject(TENANTS.getByName("full"), (_, { storage: { sql } }) => {
    sql.exec(`CREATE TRIGGER full BEFORE INSERT ON idempotency BEGIN ${FULL}; END`);
  });
  const headers = { "Idempotency-Key": "k" };
  const answer = await call("POST", "/v1/keys", { key, body: { scopes: ["read"] }, headers });
  expectProblem(answer, 507, "storage_full");
});
