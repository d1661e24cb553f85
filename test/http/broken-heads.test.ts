// Heads whose storage cannot be read, and heads and tenants whose creation or deletion was interrupted by a kill: everything
// else continues, and no id stays taken.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { DirectoryRpc } from "../../src/contract/tenant-rpc.ts";
import { nameOfHead } from "../../src/env.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, corners, makeHead, makeTenant, must, upload } from "../support/service.ts";

const { HEADS, TENANTS, DIRECTORY } = env as unknown as Record<
  "HEADS" | "TENANTS" | "DIRECTORY",
  DurableObjectNamespace
>;
const directory = DIRECTORY.getByName("tenants") as unknown as DirectoryRpc;

interface TenantRecord {
  readonly space: string;
  readonly deleting: boolean;
}

/** Changes a tenant's tables, and makes the runtime drop its object, as a kill does. */
async function leaveTenant(tenant: string, ...statements: readonly string[]): Promise<TenantRecord> {
  const stub = TENANTS.getByName(tenant);
  const record = await runInDurableObject(stub, (_, { storage: { sql } }) => {
    for (const statement of statements) sql.exec(statement);
    const { value } = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return JSON.parse(value) as TenantRecord;
  });
  await evictDurableObject(stub);
  return record;
}

const headObject = async (tenant: string, head: string) => {
  const { space } = await leaveTenant(tenant);
  return HEADS.getByName(nameOfHead({ tenant, space }, head));
};

async function leaveHead(tenant: string, head: string, statement: string): Promise<void> {
  const stub = await headObject(tenant, head);
  await runInDurableObject(stub, (_, { storage: { sql } }) => void sql.exec(statement));
  await evictDurableObject(stub);
}

const list = async (key: string) =>
  (await must<{ data: { id: string; error?: { code: string } }[] }>("GET", "/v1/heads", { key })).data;
const tenants = async () =>
  (await must<{ data: { id: string }[] }>("GET", "/v1/tenants?limit=200", { key: ADMIN_KEY })).data.map(({ id }) => id);

describe.each([
  ["whose schema has another history", "UPDATE migrations SET sql = 'edited' WHERE number = 1"],
  ["that lacks a table", "DROP TABLE labels"],
  ["whose record is not JSON", "UPDATE meta SET value = '{' WHERE key = 'config'"],
])("a head %s", (what, damage) => {
  const tenant = `broken-${what.length}`;

  it("is listed with its error next to the other heads, answers with the error, and can be deleted and created again", async () => {
    const { key } = await makeTenant(tenant);
    for (const id of ["a", "bad", "c"]) await makeHead(key, id);
    await leaveHead(tenant, "bad", damage);
    const listed = await list(key);
    expect(listed.map(({ id, error }) => [id, error?.code])).toEqual([
      ["a", undefined],
      ["bad", "head_broken"],
      ["c", undefined],
    ]);
    expectProblem(await call("GET", "/v1/heads/bad", { key }), 500, "head_broken");
    expect((await call("DELETE", "/v1/heads/bad", { key })).status).toBe(204);
    expect((await list(key)).map(({ id }) => id)).toEqual(["a", "c"]);
    await makeHead(key, "bad");
    expect(await upload(key, "bad", corners())).toMatchObject({ added: 20 });
  });

  it("does not prevent its tenant from being deleted and created again", async () => {
    const id = `${tenant}-gone`;
    const { key } = await makeTenant(id);
    await makeHead(key, "bad");
    await leaveHead(id, "bad", damage);
    expect((await call("DELETE", `/v1/tenants/${id}`, { key: ADMIN_KEY })).status).toBe(204);
    expect(await list((await makeTenant(id)).key)).toEqual([]);
  });
});

const inputs = { inputs: [{ text: "a" }] };
const examples = { examples: [{ text: "a", label: "a" }] };
const source = { scheme: "github", action: "add", mapping: { text: "/a", label: "/b" } };
const split = { split: [{ version: 1, weight: 1 }] };

async function dropTables(tenant: string, head: string): Promise<void> {
  await runInDurableObject(await headObject(tenant, head), (_, { storage: { sql } }) => {
    const query =
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*_cf_*' AND name NOT GLOB 'sqlite_*'";
    for (const { name } of sql.exec<{ name: string }>(query).toArray()) sql.exec(`DROP TABLE ${name}`);
  });
}

it.each<[string, (tenant: string) => Promise<void>]>([
  ["that cannot wake", (tenant) => leaveHead(tenant, "bad", "UPDATE migrations SET sql = 'edited' WHERE number = 1")],
  ["whose tables are dropped while it is awake", (tenant) => dropTables(tenant, "bad")],
])("a head %s answers head_broken on every route, with an Idempotency-Key too", async (what, damage) => {
  const tenant = `everywhere-${what.length}`;
  const { key } = await makeTenant(tenant);
  await makeHead(key, "bad");
  await damage(tenant);
  const asked: readonly [string, string, object?][] = [
    ["GET", ""],
    ["PATCH", "", { description: "x" }],
    ["GET", "/policy"],
    ["GET", "/examples"],
    ["GET", "/examples/a"],
    ["GET", "/examples/export"],
    ["POST", "/examples", examples],
    ["GET", "/jobs"],
    ["POST", "/jobs", {}],
    ["GET", "/versions"],
    ["GET", "/versions/1/export?format=json"],
    ["POST", "/versions/1/verify"],
    ["GET", "/label-issues"],
    ["GET", "/stats"],
    ["GET", "/captures"],
    ["GET", "/sources"],
    ["POST", "/sources", source],
    ["PUT", "/traffic", split],
    ["POST", "/rollback"],
    ["POST", "/feedback", { input: { text: "a" }, label: "a" }],
    ["POST", "/predict", inputs],
  ];
  const answers = [];
  for (const [method, path, body] of asked)
    for (const headers of [{}, ...(method === "POST" ? [{ "Idempotency-Key": `k-${path}` }] : [])]) {
      const answer = await call(method, `/v1/heads/bad${path}`, { key, headers, body });
      answers.push([method, path, answer.status, (answer.body as { code: string }).code]);
    }
  expect(answers).toEqual(answers.map(([method, path]) => [method, path, 500, "head_broken"]));
});

describe("the creation of a head that a kill interrupted", () => {
  it("frees the head's id and its place in the quota at the next listing", async () => {
    const { key } = await makeTenant("half-made");
    await must("PATCH", "/v1/tenants/half-made", { key: ADMIN_KEY, body: { quotas: { heads: 1 } } });
    const begun = ["INSERT INTO names VALUES ('half')", "INSERT INTO head_intents VALUES ('half', 'create')"];
    await leaveTenant("half-made", ...begun);
    await makeHead(key, "other"); // the only place in the quota
    expect((await list(key)).map(({ id }) => id)).toEqual(["other"]);
    await must("DELETE", "/v1/heads/other", { key });
    await leaveTenant("half-made", ...begun);
    expect(await list(key)).toEqual([]);
    expectProblem(await call("DELETE", "/v1/heads/half", { key }), 404, "not_found");
    await leaveTenant("half-made", ...begun);
    await makeHead(key, "half");
    expect((await list(key)).map(({ id }) => id)).toEqual(["half"]);
  });

  it("keeps the head if its creation was completed", async () => {
    const { key } = await makeTenant("just-made");
    await makeHead(key, "head");
    await leaveTenant("just-made", "INSERT INTO head_intents VALUES ('head', 'create')");
    expect((await list(key)).map(({ id }) => id)).toEqual(["head"]);
  });

  it("frees ids that were taken before intents were recorded", async () => {
    const { key } = await makeTenant("left-before");
    await must("PATCH", "/v1/tenants/left-before", { key: ADMIN_KEY, body: { quotas: { heads: 1 } } });
    await leaveTenant("left-before", "INSERT INTO names VALUES ('half')");
    expect(await list(key)).toEqual([]);
    await makeHead(key, "other");
  });
});

describe("the deletion of a head that a kill interrupted", () => {
  it("is completed at the next request of any kind", async () => {
    const { key } = await makeTenant("half-gone");
    for (const [i, look] of [
      () => list(key),
      () => call("DELETE", "/v1/heads/head", { key }),
      () => call("POST", "/v1/heads", { key, body: { id: "head", task: "regression", backbone: "text-embedded" } }),
    ].entries()) {
      await must("DELETE", "/v1/heads/head", { key }).catch(() => undefined);
      await makeHead(key, "head");
      await upload(key, "head", corners());
      await leaveTenant("half-gone", "INSERT INTO head_intents VALUES ('head', 'delete')");
      await look();
      const shown = await call<{ task: string; examples: { total: number } }>("GET", "/v1/heads/head", { key });
      if (i < 2) expectProblem(shown as never, 404, "not_found");
      else expect(shown.body).toMatchObject({ task: "regression", examples: { total: 0 } });
    }
  });
});

describe("the creation or deletion of a tenant that a kill interrupted", () => {
  const deleting = `UPDATE meta SET value = json_set(value, '$.deleting', json('true')) WHERE key = 'tenant'`;

  it("is completed at the next listing of tenants, if it was a deletion", async () => {
    const { key } = await makeTenant("dying");
    await makeHead(key, "head");
    const head = await headObject("dying", "head");
    await leaveTenant("dying", deleting);
    expect(await tenants()).not.toContain("dying");
    expect(await directory.has("dying")).toBe(false);
    const rows = await runInDurableObject(head, (_, { storage: { sql } }) =>
      sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'examples'").toArray(),
    );
    expect(rows).toEqual([]);
  });

  it("is completed when the id is taken again, and old keys stay invalid", async () => {
    const { key } = await makeTenant("dying-too");
    await makeHead(key, "head");
    await leaveTenant("dying-too", deleting);
    const again = await makeTenant("dying-too");
    expect(await list(again.key)).toEqual([]);
    expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
    expect(await tenants()).toContain("dying-too");
  });

  it("leaves no tenant in the list that was never created", async () => {
    await directory.put("ghost");
    expect(await tenants()).not.toContain("ghost");
    expect(await directory.has("ghost")).toBe(false);
    await makeTenant("ghost");
    expect(await tenants()).toContain("ghost");
  });
});

it("many callers can create and delete one head at once, and the list shows the final state", async () => {
  const { key } = await makeTenant("crowd");
  const body = { id: "head", task: "classification", backbone: "text-embedded" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0 ? call("POST", "/v1/heads", { key, body }) : call("DELETE", "/v1/heads/head", { key }),
    ),
  );
  for (const { status } of answers) expect([201, 204, 404, 409]).toContain(status);
  const isThere = (await call("GET", "/v1/heads/head", { key })).status === 200;
  expect((await list(key)).map(({ id }) => id)).toEqual(isThere ? ["head"] : []);
});
