// The deletion of a tenant while heads of it are being created: nothing of the tenant remains.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { nameOfHead } from "../../src/env.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeTenant, must } from "../support/service.ts";
import { until } from "../support/until.ts";

const { HEADS, TENANTS } = env as unknown as Record<"HEADS" | "TENANTS", DurableObjectNamespace>;

const sqlOfTenant = <T>(tenant: string, work: (sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(TENANTS.getByName(tenant), (_, { storage }) => work(storage.sql));

/** Makes `object` respond to no call until the returned function is called. */
async function hold(object: DurableObjectStub): Promise<() => void> {
  let [isHeld, isReleased] = [false, false];
  // PLATFORM: one object cannot resolve a promise of another, so each polls the flags.
  void runInDurableObject(object, (_, state) =>
    state.blockConcurrencyWhile(async () => {
      isHeld = true;
      while (!isReleased) await scheduler.wait(5);
    }),
  );
  while (!isHeld) await scheduler.wait(5);
  return () => {
    isReleased = true;
  };
}

const tablesOf = (object: DurableObjectStub): Promise<number> =>
  runInDurableObject(
    object,
    (_, { storage: { sql } }) =>
      sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").toArray().length,
  );

const body = (id: string) => ({ id, task: "classification", backbone: "text-embedded" });
const remove = (tenant: string) => call("DELETE", `/v1/tenants/${tenant}`, { key: ADMIN_KEY });

/** Runs statements on the tenant's tables. Returns a function for the object of one of its heads. */
async function prepare(tenant: string, ...statements: string[]) {
  const space = await sqlOfTenant(tenant, (sql) => {
    for (const statement of statements) sql.exec(statement);
    const { value } = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });
  return (head: string, generation = 0) => HEADS.getByName(nameOfHead({ tenant, space }, head, generation));
}

it("the deletion of a tenant leaves nothing of a head whose creation had begun before", async () => {
  const { key } = await makeTenant("racing");
  // The creation first destroys the object of generation 0.
  const objectOf = await prepare("racing", "INSERT INTO head_generations VALUES ('slow', 1)");
  const release = await hold(objectOf("slow"));
  const creating = call("POST", "/v1/heads", { key, body: body("slow") });
  const names = () => sqlOfTenant("racing", (sql) => sql.exec("SELECT name FROM names").toArray().length);
  await until(async () => (await names()) === 1);
  const deleting = remove("racing");
  await scheduler.wait(100);
  release();
  const [created, deleted] = await Promise.all([creating, deleting]);
  expect(deleted.status).toBe(204);
  expect([201, 404]).toContain(created.status);
  expect(await tablesOf(objectOf("slow", 1))).toBe(0);
});

it("the deletion of a tenant refuses a creation that waits for another one to be completed", async () => {
  const { key } = await makeTenant("waiting");
  await must("PATCH", "/v1/tenants/waiting", { key: ADMIN_KEY, body: { quotas: { heads: 1 } } });
  const begun = ["INSERT INTO names VALUES ('half')", "INSERT INTO head_intents VALUES ('half', 'create')"];
  const objectOf = await prepare("waiting", ...begun);
  const release = await hold(objectOf("half"));
  const creating = call("POST", "/v1/heads", { key, body: body("late") });
  await scheduler.wait(100);
  const deleting = remove("waiting");
  await scheduler.wait(100);
  release();
  const [created, deleted] = await Promise.all([creating, deleting]);
  expect(deleted.status).toBe(204);
  expectProblem(created as never, 404, "not_found");
  expect(await tablesOf(objectOf("late"))).toBe(0);
  const again = await makeTenant("waiting");
  expect((await must<{ data: unknown[] }>("GET", "/v1/heads", { key: again.key })).data).toEqual([]);
});
