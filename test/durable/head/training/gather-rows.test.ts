// Rows read for a training while examples are being deleted: a training misses no deletion, and endless deletions do not keep
// a training from starting.
import { expect, it } from "vitest";
import { openHeadStore } from "../../../../durable/head/store.ts";
import { gather } from "../../../../durable/head/training/gather-rows.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { Fault } from "../../../../src/core/problems.ts";
import { Turns } from "../../../../src/core/turns.ts";
import { append, inObject, makeHead, type TestRow } from "../../../support/objects.ts";

const rowsOf = (count: number): TestRow[] =>
  Array.from({ length: count }, (_, i) => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

interface Gathered {
  readonly outcome: number | string | null;
  readonly turns: number;
}

/** Reads the rows of a head while something is deleted in each of the first `deletions` turns. */
async function gatherBeside(rows: number, deletions: number): Promise<Gathered> {
  const head = await makeHead();
  for (let at = 0; at < rows; at += LIMITS.rowsPerBatch)
    await append(head, rowsOf(rows).slice(at, at + LIMITS.rowsPerBatch));
  return inObject(head.name, async (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was not made");
    let turns = 0;
    const turn = async (): Promise<void> => {
      const { count } = store.meta.get("deletions") ?? { count: 0 };
      if (turns++ < deletions) store.meta.set("deletions", { count: count + 1 });
    };
    try {
      const dataset = await gather(
        store,
        { rare: "refuse", revision: null },
        { bucket: null, turns: new Turns(1, turn) },
      );
      return { outcome: dataset.examples, turns };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { outcome: `${error.data.code}: ${error.data.detail}`, turns };
    }
  });
}

it("the reading of rows starts over after a deletion, and reads all rows once nothing is deleted", async () => {
  expect((await gatherBeside(100, 3)).outcome).toBe(100);
});

it("the rows of a small head are read at once, even while deletions never stop", async () => {
  const { outcome, turns } = await gatherBeside(100, Number.MAX_VALUE);
  expect(outcome).toBe(100);
  expect(turns).toBeLessThan(100);
});

it("the reading of a large head fails with a reason after a limited number of attempts", async () => {
  const { outcome, turns } = await gatherBeside(LIMITS.rowsGatheredAtOnce + 2, Number.MAX_VALUE);
  expect(outcome).toMatch(/^conflict: Examples were deleted while the training read them, 20 times in a row/);
  expect(turns).toBeLessThan(1_000);
});

/** Adds examples with the input of an existing example. Their ids are in no order. */
const addSame = (sql: SqlStorage, count: number): void =>
  void sql.exec(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO examples (id, input, label, split, source, created_at, updated_at)
    SELECT printf('same %x', i * 7919 % 1000003), input, label, split, source, created_at, updated_at
    FROM n JOIN (SELECT * FROM examples WHERE id = 'row 0')`,
    count,
  );

it("the reading takes turns between limited numbers of rows, however many examples one input has", async () => {
  const head = await makeHead();
  await append(head, rowsOf(100));
  await inObject(head.name, async (storage) => {
    addSame(storage.sql, LIMITS.examplesPerHead - 100);
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was not made");
    const parts = [...store.examples.inTrainingOrderByParts()].map(({ length }) => length);
    expect(Math.max(...parts)).toBeLessThanOrEqual(500);
    const dataset = await gather(store, { rare: "refuse", revision: null }, { bucket: null, turns: new Turns() });
    expect(dataset.examples).toBe(LIMITS.examplesPerHead);
  });
});
