// Files in the bucket after their head or tenant was deleted: all are deleted, even if the head cannot be read or the runtime is
// killed at any step, and no file of a later head with the same id is deleted with them.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { deleteDropped } from "../../durable/directory/delete-dropped.ts";
import { DirectoryObject } from "../../durable/directory-object.ts";
import type { HeadMeta } from "../../durable/head/store.ts";
import { DROPPED_FILES_SCHEMA, DroppedFileTable } from "../../durable/tables/dropped-files.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { type Bindings, nameOfHead } from "../../src/env.ts";
import { freshName, inFreshObject } from "../support/objects.ts";
import { ADMIN_KEY, call, makeHead, makeTenant, must } from "../support/service.ts";

const bucket = env.FILES;
const directory = env.DIRECTORY.getByName("tenants");
const LATE_MS = LIMITS.lateFileSeconds * 1_000;

const sqlOf = <T>(stub: DurableObjectStub, work: (sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(stub, (_, { storage }) => work(storage.sql));

async function headObject(tenant: string, head: string): Promise<DurableObjectStub> {
  const space = await sqlOf(env.TENANTS.getByName(tenant), (sql) => {
    const { value } = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });
  return env.HEADS.getByName(nameOfHead({ tenant, space }, head));
}

/** The prefix of a head's keys. */
async function prefixOf(tenant: string, head: string): Promise<string> {
  const value = await sqlOf(await headObject(tenant, head), (sql) => {
    const row = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'config'").one();
    return JSON.parse(row.value) as HeadMeta["config"];
  });
  return value.files as string;
}

const put = (prefix: string, name = "file") => bucket.put(`${prefix}${name}`, new Uint8Array(9));
const namesIn = async (prefix: string): Promise<string[]> =>
  (await bucket.list({ prefix })).objects.map(({ key }) => key.slice(prefix.length));
const pending = (): Promise<string[]> =>
  sqlOf(directory, (sql) => sql.exec<{ prefix: string }>("SELECT prefix FROM dropped_files").toArray()).then((rows) =>
    rows.map(({ prefix }) => prefix),
  );
const gone = (prefix: string): Promise<void> =>
  vi.waitFor(async () => expect(await namesIn(prefix)).toEqual([]), 5_000);
const remove = async (key: string, path: string): Promise<void> =>
  expect((await call("DELETE", path, { key })).status).toBe(204);

it("the files of a deleted head are deleted, and those of the next head with its id are kept", async () => {
  const { key } = await makeTenant("dropping");
  await makeHead(key, "h");
  const first = await prefixOf("dropping", "h");
  expect(first).toMatch(/^dropping\.[0-9A-Za-z]{12}\/h\/[0-9A-Za-z]{12}\/$/);
  await put(first);
  await remove(key, "/v1/heads/h");
  await makeHead(key, "h");
  const second = await prefixOf("dropping", "h");
  await put(second);
  await gone(first);
  expect(await namesIn(second)).toEqual(["file"]);
});

it("the files of a head that cannot be read are deleted with the head", async () => {
  const { key } = await makeTenant("unreadable");
  await makeHead(key, "h");
  const prefix = await prefixOf("unreadable", "h");
  await put(prefix);
  const stub = await headObject("unreadable", "h");
  await sqlOf(stub, (sql) => sql.exec("UPDATE meta SET value = '{' WHERE key = 'config'").toArray());
  await evictDurableObject(stub);
  expect((await call("GET", "/v1/heads/h", { key })).status).toBe(500);
  await remove(key, "/v1/heads/h");
  await gone(prefix);
});

it("if the deletion of a head is interrupted, the tenant's next call deletes its files", async () => {
  const { key } = await makeTenant("interrupted");
  await makeHead(key, "h");
  const prefix = await prefixOf("interrupted", "h");
  await put(prefix);
  await ((await headObject("interrupted", "h")) as unknown as { destroy(): Promise<void> }).destroy();
  const tenant = env.TENANTS.getByName("interrupted");
  await sqlOf(tenant, (sql) => sql.exec("INSERT INTO head_intents VALUES ('h', 'delete')").toArray());
  await evictDurableObject(tenant);
  expect((await must<{ data: unknown[] }>("GET", "/v1/heads", { key })).data).toEqual([]);
  await gone(prefix);
});

it("the files of all heads of a deleted tenant are deleted, and none of the next tenant with its id", async () => {
  const made = async (): Promise<string[]> => {
    const { key } = await makeTenant("left");
    for (const id of ["a", "b"]) await makeHead(key, id);
    const prefixes = [await prefixOf("left", "a"), await prefixOf("left", "b")];
    for (const prefix of prefixes) await put(prefix);
    return prefixes;
  };
  const first = await made();
  await remove(ADMIN_KEY, "/v1/tenants/left");
  const second = await made();
  for (const prefix of first) await gone(prefix);
  for (const prefix of second) expect(await namesIn(prefix)).toEqual(["file"]);
});

it("a file that arrives after its head was deleted is deleted too, and the directory then forgets its prefix", async () => {
  const { key } = await makeTenant("late");
  await makeHead(key, "h");
  const prefix = await prefixOf("late", "h");
  await remove(key, "/v1/heads/h");
  await vi.waitFor(async () => expect(await nextSearch(prefix)).toBeGreaterThan(Date.now() + LATE_MS / 2));
  await put(prefix);
  await sqlOf(directory, (sql) =>
    sql.exec(`UPDATE dropped_files SET since = since - ${LATE_MS}, at = at - ${LATE_MS}`).toArray(),
  );
  await runInDurableObject(directory, (_, { storage }) => storage.setAlarm(Date.now()));
  await runDurableObjectAlarm(directory);
  await gone(prefix);
  await vi.waitFor(async () => expect(await pending()).not.toContain(prefix));
});

const nextSearch = (prefix: string): Promise<number> =>
  sqlOf(
    directory,
    (sql) => sql.exec<{ at: number }>("SELECT at FROM dropped_files WHERE prefix = ?", prefix).toArray()[0]?.at ?? 0,
  );

it("the directory remembers files to delete while no bucket is bound", async () => {
  const prefix = `${freshName()}/`;
  await put(prefix);
  await runInDurableObject(directory, (_, state) =>
    new DirectoryObject(state, { ...env, FILES: undefined } as unknown as Bindings).dropFiles(prefix),
  );
  expect(await pending()).toContain(prefix);
  await evictDurableObject(directory);
  await runInDurableObject(directory, (_, { storage }) => storage.setAlarm(Date.now()));
  await runDurableObjectAlarm(directory);
  await gone(prefix);
});

it("the directory deletes more files than one call of the bucket returns, and continues after a failure", () =>
  inFreshObject(async ({ sql }) => {
    sql.exec(DROPPED_FILES_SCHEMA);
    const table = new DroppedFileTable(sql);
    const prefix = `${freshName()}/`;
    for (const name of ["a", "b", "c", "d", "e"]) await put(prefix, name);
    let now = Date.now();
    table.add(prefix, now);
    const list = (options: R2ListOptions) => bucket.list({ ...options, limit: 2 });
    const failed = Promise.reject(new Error("a fault"));
    failed.catch(() => undefined);
    await deleteDropped(table, { list, delete: () => failed } as unknown as R2Bucket, () => now);
    expect([await namesIn(prefix), table.nextAt()]).toEqual([["a", "b", "c", "d", "e"], now + 1_000]);
    now += 1_000;
    await deleteDropped(
      table,
      { list, delete: (keys: string[]) => bucket.delete(keys) } as unknown as R2Bucket,
      () => now,
    );
    expect(await namesIn(prefix)).toEqual([]);
    expect(table.nextAt()).toBe(now - 1_000 + LATE_MS);
  }));
