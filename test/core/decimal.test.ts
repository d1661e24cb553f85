// Decimal numbers in texts: which texts are one, and that refusing a text takes no more time than its length needs.
import { expect, it } from "vitest";
import { decimalOf } from "../../src/core/decimal.ts";

it.each<[string, number]>([
  ["0", 0],
  ["-12", -12],
  ["+1.5", 1.5],
  ["1.", 1],
  [".5", 0.5],
  ["1e3", 1_000],
  ["2.5E-1", 0.25],
  [" \t7\n", 7],
])("the reader of decimals accepts %j", (text, value) => expect(decimalOf(text)).toBe(value));

it.each(["", " ", ".", "-", "e5", "1e", "1.5.2", "0x10", "Infinity", "NaN", "1,5", "1 2", "--1"])(
  "the reader of decimals refuses %j",
  (text) => expect(decimalOf(text)).toBeNull(),
);

// A backtracking pattern takes more than a minute for these texts, which exceeds the test's timeout.
it.each(["1", "1.", ".1", "1e1"])(
  "the reader of decimals refuses %j with half a million digits and a letter after it at once",
  (start) => {
    expect(decimalOf(`${start}${"1".repeat(500_000)}x`)).toBeNull();
  },
);
