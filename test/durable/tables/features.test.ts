// Features in blocks: their place may change, their values may not.
import { describe, expect, it } from "vitest";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import { FeatureTable } from "../../../durable/tables/features.ts";
import { featureOf, inFreshObject } from "../../support/objects.ts";
import { seededRandom } from "../../support/random.ts";

/** 64 rows fill a block of a quarter of a megabyte. */
const DIMS = 1024;

type Place = { block: number; slot: number; digest: string };

const withTable = (work: (table: FeatureTable, sql: SqlStorage) => void): Promise<void> =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    work(new FeatureTable(storage.sql, DIMS), storage.sql);
  });

const inputs = (names: readonly string[]) =>
  names.map((name) => ({ digest: name, text: name, feature: featureOf(name, DIMS) }));

const names = (count: number, prefix = "n"): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const placesIn = (sql: SqlStorage): Place[] =>
  sql.exec<Place>("SELECT block, slot, digest FROM inputs ORDER BY block, slot").toArray();

const rowsOfBlocks = (sql: SqlStorage): number[] =>
  sql
    .exec<{ rows: number }>("SELECT rows FROM blocks ORDER BY id")
    .toArray()
    .map(({ rows }) => rows);

const forget = (table: FeatureTable, digests: readonly string[]): number =>
  table.forgetUnused([...table.idsOf(digests).values()]);

/** Every input's vector is its own, every block has the stated content, and no slot is shared or empty. */
function expectSound(table: FeatureTable, sql: SqlStorage, expected: ReadonlySet<string>): void {
  const places = placesIn(sql);
  expect(new Set(places.map(({ digest }) => digest))).toEqual(expected);
  for (const [digest, vector] of table.vectors(places)) expect(vector).toEqual(featureOf(digest, DIMS));
  for (const id of new Set(places.map(({ block }) => block))) {
    const features = table.block(id);
    const slots = places.filter(({ block }) => block === id).map(({ slot }) => slot);
    expect(slots).toEqual(Array.from({ length: features.length / DIMS }, (_, slot) => slot));
  }
}

describe("adding", () => {
  it("refuses a vector of another length, and a block whose content differs from its stated number of rows", async () => {
    await withTable((table, sql) => {
      const odd = { digest: "odd", text: "odd", feature: new Float32Array(DIMS + 1) };
      expect(() => table.add([odd])).toThrow("1025 numbers");
      table.add(inputs(names(2)));
      sql.exec("UPDATE blocks SET rows = 3");
      expect(() => table.block(1)).toThrow("instead of");
    });
  });

  it("fills the last block, and then new blocks", async () => {
    await withTable((table, sql) => {
      table.add(inputs(names(60)));
      expect(rowsOfBlocks(sql)).toEqual([60]);
      table.add(inputs(names(150, "m")));
      expect(rowsOfBlocks(sql)).toEqual([64, 64, 64, 18]);
      expectSound(table, sql, new Set([...names(60), ...names(150, "m")]));
    });
  });

  it("gives the same blocks one input at a time as all at once", async () => {
    await withTable((table, sql) => {
      for (const input of inputs(names(70))) table.add([input]);
      expect(rowsOfBlocks(sql)).toEqual([64, 6]);
      expectSound(table, sql, new Set(names(70)));
    });
  });

  it("changes nothing if there is no input", async () => {
    await withTable((table, sql) => {
      table.add([]);
      expect(rowsOfBlocks(sql)).toEqual([]);
      expect(table.idsOf([])).toEqual(new Map());
    });
  });

  it("keeps every bit: zeros, −0, denormals and NUL bytes at either end", async () => {
    await withTable((table, sql) => {
      const feature = new Float32Array(DIMS);
      feature.set([-0, 2 ** -149, 3.4e38], 100);
      table.add([
        { digest: "a", text: null, feature },
        { digest: "b", text: "", feature: new Float32Array(DIMS) },
      ]);
      const vectors = table.vectors(placesIn(sql));
      expect(vectors.get("a")).toEqual(feature);
      expect(vectors.get("b")).toEqual(new Float32Array(DIMS));
    });
  });
});

describe("the deletion", () => {
  it("moves the last row of the block into the gap, and the vectors stay correct", async () => {
    await withTable((table, sql) => {
      table.add(inputs(names(5)));
      expect(forget(table, ["n1"])).toBe(1);
      expect(placesIn(sql).map(({ digest }) => digest)).toEqual(["n0", "n4", "n2", "n3"]);
      expectSound(table, sql, new Set(["n0", "n2", "n3", "n4"]));
    });
  });

  it("keeps the other rows if it deletes the last row, or neighbours together", async () => {
    await withTable((table, sql) => {
      table.add(inputs(names(6)));
      expect(forget(table, ["n5"])).toBe(1);
      expect(forget(table, ["n0", "n3", "n4"])).toBe(3);
      expectSound(table, sql, new Set(["n1", "n2"]));
    });
  });

  it("removes a block and its bytes if it deletes all its rows", async () => {
    await withTable((table, sql) => {
      table.add(inputs(names(70)));
      forget(table, names(64));
      expect(rowsOfBlocks(sql)).toEqual([6]);
      forget(table, names(70));
      expect(rowsOfBlocks(sql)).toEqual([]);
    });
  });

  it("ignores unknown ids and inputs that an example still has", async () => {
    await withTable((table, sql) => {
      table.add(inputs(["used", "unused"]));
      const id = table.idsOf(["used"]).get("used") as number;
      sql.exec(
        "INSERT INTO examples (id, input, label, source, created_at, updated_at) VALUES ('x', ?, 1, 'api', 0, 0)",
        id,
      );
      expect(table.forgetUnused([id, 999, -1])).toBe(0);
      expect(forget(table, ["used", "unused", "never"])).toBe(1);
      expectSound(table, sql, new Set(["used"]));
    });
  });
});

describe("pending inputs", () => {
  const pending = (digests: readonly string[]) => digests.map((digest) => ({ digest, text: digest, feature: null }));
  const featuresOf = (digests: readonly string[]) => new Map(digests.map((name) => [name, featureOf(name, DIMS)]));

  it("are returned in order of arrival, up to the requested number and length of texts", async () => {
    await withTable((table) => {
      table.add([...pending(["b", "a"]), ...inputs(["ready"]), ...pending(["c"])]);
      expect(table.pending.next(9, 99).map(({ text }) => text)).toEqual(["b", "a", "c"]);
      expect(table.pending.next(2, 99)).toHaveLength(2);
      expect(table.pending.next(9, 2)).toHaveLength(2);
      expect([table.pending.has(), table.pending.count()]).toEqual([true, 3]);
      expect(table.pending.among(["a", "ready", "other"])).toEqual(new Set(["a"]));
    });
  });

  it("have no vector until it is stored, and then a place among the other inputs", async () => {
    await withTable((table, sql) => {
      table.add([...inputs(names(60)), ...pending(names(10, "p"))]);
      expect(table.vectors(placesIn(sql)).size).toBe(60);
      table.fill(featuresOf(names(6, "p")));
      table.fill(featuresOf(names(10, "p")));
      expect(table.pending.has()).toBe(false);
      expectSound(table, sql, new Set([...names(60), ...names(10, "p")]));
    });
  });

  it("get no feature once they are deleted, and do not change the blocks", async () => {
    await withTable((table, sql) => {
      table.add([...inputs(["ready"]), ...pending(["gone", "kept"])]);
      expect(forget(table, ["gone"])).toBe(1);
      table.fill(featuresOf(["gone", "kept"]));
      expectSound(table, sql, new Set(["ready", "kept"]));
      expect(rowsOfBlocks(sql)).toEqual([2]);
    });
  });
});

it("the table equals a set of inputs after any sequence of adding and deleting", async () => {
  await withTable((table, sql) => {
    const random = seededRandom(2026);
    const model = new Set<string>();
    let made = 0;
    for (let step = 0; step < 60; step++) {
      if (random.next() < 0.5) {
        const added = Array.from({ length: random.below(40) }, () => `i${made++}`);
        table.add(inputs(added));
        for (const name of added) model.add(name);
      } else {
        const gone = [...model].filter(() => random.next() < 0.3);
        expect(forget(table, gone)).toBe(gone.length);
        for (const name of gone) model.delete(name);
      }
    }
    expect(made).toBeGreaterThan(300);
    expectSound(table, sql, model);
    expect(table.idsOf([...model, "never"]).size).toBe(model.size);
  });
});
