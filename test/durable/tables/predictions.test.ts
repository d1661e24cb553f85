// Predictions for feedback: limited by age, number and size; the oldest are deleted first.
import { expect, it } from "vitest";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import { PredictionTable } from "../../../durable/tables/predictions.ts";
import { inFreshObject } from "../../support/objects.ts";

const withTable = (most: { predictions: number; chars: number }, work: (table: PredictionTable) => void) =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    work(new PredictionTable(storage.sql, most));
  });

const logged = (first: number, count: number, record = "0123456789") =>
  Array.from({ length: count }, (_, i) => ({ id: `p${first + i}`, at: first + i, record }));

const kept = (table: PredictionTable, count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => table.find(`p${i}`, -1) !== null);

it("the table keeps the newest predictions, up to its limit", () =>
  withTable({ predictions: 5, chars: 1_000 }, (table) => {
    for (let i = 0; i < 12; i += 4) table.add(logged(i, 4));
    expect(kept(table, 12)).toEqual([7, 8, 9, 10, 11]);
  }));

it("the table keeps the newest predictions up to its limit of characters, plus one record", () =>
  withTable({ predictions: 100, chars: 25 }, (table) => {
    table.add(logged(0, 4));
    expect(kept(table, 4)).toEqual([1, 2, 3]);
    table.add(logged(4, 1, "x".repeat(20)));
    expect(kept(table, 5)).toEqual([3, 4]);
    table.add(logged(5, 1, "x".repeat(30)));
    expect(kept(table, 6)).toEqual([5]);
    table.add(logged(6, 2));
    expect(kept(table, 8)).toEqual([5, 6, 7]);
  }));

it("a repeated prediction is counted once, whether it repeats in one report or in a later one", () =>
  withTable({ predictions: 100, chars: 45 }, (table) => {
    table.add([...logged(0, 1), ...logged(0, 1), ...logged(1, 1)]);
    table.add([...logged(0, 2), ...logged(2, 1)]);
    table.add(logged(0, 4));
    expect(kept(table, 4)).toEqual([0, 1, 2, 3]);
  }));

it("old predictions are not found and are deleted, and a prediction that is reported twice is stored once", () =>
  withTable({ predictions: 100, chars: 1_000 }, (table) => {
    table.add(logged(0, 4));
    table.add(logged(2, 4, "again"));
    expect([table.find("p2", 1), table.find("p2", 2), table.find("p5", 0)]).toEqual(["0123456789", null, "again"]);
    expect([table.pruneSome(3), table.pruneSome(3)]).toEqual([true, false]);
    expect([kept(table, 6), table.oldest()]).toEqual([[4, 5], 4]);
  }));

it("old predictions are deleted a thousand at a time, the oldest first", () =>
  withTable({ predictions: 5_000, chars: 1_000_000 }, (table) => {
    table.add(logged(0, 2_500));
    const oldest: (number | null)[] = [];
    while (table.pruneSome(2_400)) oldest.push(table.oldest());
    expect(oldest).toEqual([1_000, 2_000, 2_401]);
  }));
