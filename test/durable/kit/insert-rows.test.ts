// Rows inserted with bound values.
import { expect, it } from "vitest";
import { Insertion } from "../../../durable/kit/insert-rows.ts";
import { inFreshObject } from "../../support/objects.ts";

const TABLE =
  "CREATE TABLE fruits (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, price REAL, source TEXT, at INTEGER)";
const FRUITS = new Insertion("fruits", {
  own: ["name", "price"],
  shared: ["source", "at"],
  returned: ["id", "name"],
});
type Fruit = { readonly id: number; readonly name: string };

const fruits = (count: number) => Array.from({ length: count }, (_, i) => [`fruit ${i}`, i / 2]);

it.each([0, 1, 48, 49, 50, 500])(
  "%d rows are inserted in order, each with its own values and the shared ones",
  (count) =>
    inFreshObject(({ sql }) => {
      sql.exec(TABLE);
      const inserted = FRUITS.run<Fruit>(sql, fruits(count), ["farm", 7]);
      expect(inserted).toEqual(Array.from({ length: count }, (_, i) => ({ id: i + 1, name: `fruit ${i}` })));
      const rows = sql.exec("SELECT name, price, source, at FROM fruits ORDER BY id").toArray();
      expect(rows).toEqual(fruits(count).map(([name, price]) => ({ name, price, source: "farm", at: 7 })));
    }),
);

it("an insertion throws if a row is already stored", () =>
  inFreshObject(({ sql }) => {
    sql.exec(TABLE);
    sql.exec("INSERT INTO fruits (name) VALUES ('fruit 1')");
    expect(() => FRUITS.run(sql, fruits(3), ["farm", 7])).toThrow(/UNIQUE/);
  }));
