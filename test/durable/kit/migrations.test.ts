// The runner of schema migrations, on the SQLite of a real object.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { isStored, migrate } from "../../../durable/kit/migrations.ts";
import type { HeadRpc } from "../../../src/contract/rpc.ts";
import { freshName, inFreshObject, inObject, makeHead } from "../../support/objects.ts";

const FIRST = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL);";
const SECOND = `ALTER TABLE people ADD COLUMN initial TEXT;
  UPDATE people SET initial = substr(name, 1, 1);
  CREATE INDEX people_by_initial ON people (initial);`;

const tablesOf = ({ sql }: DurableObjectStorage): unknown[] =>
  sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    )
    .toArray()
    .map(({ name }) => name);

const people = ({ sql }: DurableObjectStorage) => sql.exec("SELECT * FROM people ORDER BY id").toArray();

describe("migrations", () => {
  it("run once each, in order, however often the object wakes up", async () => {
    await inFreshObject((storage) => {
      for (let wake = 0; wake < 3; wake++) migrate(storage, [FIRST, SECOND]);
      storage.sql.exec("INSERT INTO people VALUES (1, 'Ada', 'A')");
      migrate(storage, [FIRST, SECOND]);
      expect(people(storage)).toEqual([{ id: 1, name: "Ada", initial: "A" }]);
      expect(storage.sql.exec("SELECT count(*) AS n FROM migrations").one().n).toBe(2);
    });
  });

  it("convert the rows of an older schema", async () => {
    await inFreshObject((storage) => {
      migrate(storage, [FIRST]);
      storage.sql.exec("INSERT INTO people VALUES (1, 'Ada'), (2, 'Grace')");
      migrate(storage, [FIRST, SECOND]);
      expect(people(storage)).toEqual([
        { id: 1, name: "Ada", initial: "A" },
        { id: 2, name: "Grace", initial: "G" },
      ]);
    });
  });

  it("are refused, before any row changes, if one that has run was edited", async () => {
    await inFreshObject((storage) => {
      migrate(storage, [FIRST]);
      storage.sql.exec("INSERT INTO people VALUES (1, 'Ada')");
      expect(() => migrate(storage, [`${FIRST} `, SECOND])).toThrow("Migration 1 was edited after it ran");
      expect(people(storage)).toEqual([{ id: 1, name: "Ada" }]);
    });
  });

  it("are refused if one that has run is missing, because an older deployment must not write to a newer schema", async () => {
    await inFreshObject((storage) => {
      migrate(storage, [FIRST, SECOND]);
      expect(() => migrate(storage, [FIRST])).toThrow("Migration 2");
    });
  });

  it("leave nothing behind if one of them fails halfway", async () => {
    await inFreshObject((storage) => {
      migrate(storage, [FIRST]);
      expect(() => migrate(storage, [FIRST, `${SECOND} INSERT INTO nowhere VALUES (1);`])).toThrow("nowhere");
      expect(tablesOf(storage)).toEqual(["migrations", "people"]);
      expect(() => storage.sql.exec("SELECT initial FROM people")).toThrow();
      migrate(storage, [FIRST, SECOND]);
      expect(people(storage)).toEqual([]);
    });
  });
});

describe("an object that was never initialised as a head", () => {
  it("has no table after it is read and called", async () => {
    const name = freshName();
    const rpc = env.HEADS.getByName(name) as unknown as HeadRpc;
    expect(await rpc.describe()).toMatchObject({ ok: false, fault: { code: "not_found" } });
    const claim = { key: "k", owner: "req_1" };
    expect(await rpc.claimKey(claim)).toEqual({ kind: "run" });
    await rpc.dropKey(claim);
    await inObject(name, (storage) => {
      expect(isStored(storage.sql)).toBe(false);
      expect(tablesOf(storage)).toEqual([]);
    });
  });

  it("has its schema once it is initialised", async () => {
    const { name } = await makeHead();
    await inObject(name, (storage) => {
      expect(isStored(storage.sql)).toBe(true);
      expect(tablesOf(storage)).toContain("examples");
    });
  });

  it("has no storage after it is destroyed", async () => {
    const { name, rpc } = await makeHead();
    await rpc.destroy();
    await inObject(name, (storage) => expect(isStored(storage.sql)).toBe(false));
  });
});
