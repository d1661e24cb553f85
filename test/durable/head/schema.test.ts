// The schema of a head grows by migrations: rows of an older schema are kept and counted under the newest.
import { describe, expect, it } from "vitest";
import { viewOfExample } from "../../../durable/head/examples/view-example.ts";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import type { HeadStore } from "../../../durable/head/store.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import { ExampleTable } from "../../../durable/tables/examples.ts";
import { LabelTable } from "../../../durable/tables/labels.ts";
import { Turns } from "../../../src/core/turns.ts";
import { inFreshObject } from "../../support/objects.ts";

/** Three examples of two labels in the first schema. A fourth example was added last and then deleted. */
const OLD_ROWS = `
INSERT INTO labels (id, name) VALUES (1, 'refund'), (2, 'status');
INSERT INTO blocks VALUES (1, 2, x'0000000000000000');
INSERT INTO inputs VALUES (1, 'd1', 'where is it', 1, 0), (2, 'd2', 'money back', 1, 1);
INSERT INTO examples (id, input, label, split, source, created_at, updated_at) VALUES
  ('a', 1, 2, NULL, 'api', 10, 20), ('b', 2, 1, 'test', 'api', 11, 11), ('c', 2, 2, NULL, 'feedback', 12, 12),
  ('d', 2, 2, NULL, 'api', 13, 13);
DELETE FROM examples WHERE id = 'd';
`;

const countsIn = (sql: SqlStorage) => {
  const labels = new LabelTable(sql).all().map(({ name, examples }) => [name, examples]);
  return { total: new ExampleTable(sql, "classification").count(), labels: Object.fromEntries(labels) };
};

/** A head as the first schema stored it: on texts, without the kind of its inputs. */
const STORE = { config: { backbone: { id: "text-embedded" } } } as HeadStore;

/** Runs `work` on a store that was migrated from the first schema and its rows. */
const migrated = (work: (table: ExampleTable, sql: SqlStorage) => void | Promise<void>): Promise<void> =>
  inFreshObject(async (storage) => {
    migrate(storage, HEAD_MIGRATIONS.slice(0, 1));
    storage.sql.exec(OLD_ROWS);
    migrate(storage, HEAD_MIGRATIONS);
    await work(new ExampleTable(storage.sql, "classification"), storage.sql);
  });

describe("a store of the first schema", () => {
  it("keeps its examples with their labels, in order", () =>
    migrated(async (table) => {
      expect((await table.list({}, new Turns(), (row) => viewOfExample(STORE, row))).data).toMatchObject([
        { id: "a", text: "where is it", label: "status", split: null, source: "api" },
        { id: "b", text: "money back", label: "refund", split: "test", source: "api" },
        { id: "c", text: "money back", label: "status", split: null, source: "feedback" },
      ]);
      expect(
        (await table.list({ label: "status" }, new Turns(), (row) => viewOfExample(STORE, row))).data.map(
          ({ id }) => id,
        ),
      ).toEqual(["a", "c"]);
      expect([...table.inTrainingOrderByParts()].flat().map(({ target }) => target)).toEqual([
        ...[{ label: "status" }, { label: "refund" }, { label: "status" }],
      ]);
    }));

  it("keeps its counts correct as examples are added, relabelled and removed", () =>
    migrated((table, sql) => {
      expect(countsIn(sql)).toEqual({ total: 3, labels: { refund: 1, status: 2 } });
      const write = { input: 1, label: 1, label_ids: null, value: null, split: null };
      table.add([{ id: "e", ...write }], "api", 30);
      table.update([{ id: "a", ...write }], "api", 30);
      expect(countsIn(sql)).toEqual({ total: 4, labels: { refund: 3, status: 1 } });
      table.remove(["c"]);
      expect(countsIn(sql)).toEqual({ total: 3, labels: { refund: 3, status: 0 } });
    }));

  it("never reuses a row's number, so that an old cursor skips nothing", () =>
    migrated((table) => {
      table.add([{ id: "e", input: 1, label: 1, label_ids: null, value: null, split: null }], "api", 30);
      expect(table.get("e")?.seq).toBe(5);
    }));
});

/** Migrations before the one that changed the sums in checkpoints. */
const BEFORE_SUMS = 21;

it("a job starts again if its checkpoint is from before sums were stored by task", () =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS.slice(0, BEFORE_SUMS));
    const { sql } = storage;
    const chunksOf = (owner: string) => sql.exec("SELECT 1 FROM chunks WHERE owner = ?", owner).toArray().length;
    for (const owner of ["checkpoint/a", "version/1"]) sql.exec("INSERT INTO chunks VALUES (?, 0, x'00')", owner);
    sql.exec(`INSERT INTO meta VALUES ('checkpoint', '{"slot":"a"}'), ('live', '{"version":1}')`);
    migrate(storage, HEAD_MIGRATIONS);
    expect([chunksOf("checkpoint/a"), chunksOf("version/1")]).toEqual([0, 1]);
    expect(sql.exec("SELECT key FROM meta").toArray()).toEqual([{ key: "live" }]);
  }));

// SQLite searches a table without row ids by reading its rows. A row that overflows a page is read whole: a megabyte for each
// row that the search passes.
it("no table without row ids contains blobs", () =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    const query = "SELECT sql FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'";
    const tables = storage.sql.exec<{ sql: string }>(query).toArray();
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.filter(({ sql }) => sql.includes("BLOB"))).toEqual([]);
  }));
