// Decimal numbers in text: what is one, and that a long text which is none costs no more than its length.
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
])("reads %j", (text, value) => expect(decimalOf(text)).toBe(value));

it.each(["", " ", ".", "-", "e5", "1e", "1.5.2", "0x10", "Infinity", "NaN", "1,5", "1 2", "--1"])(
  "refuses %j",
  (text) => expect(decimalOf(text)).toBeNull(),
);

// A pattern that backtracks takes a minute and more for these, and the test runs out of time.
it.each(["1", "1.", ".1", "1e1"])("refuses %j with half a million digits and a letter after it at once", (start) => {
  expect(decimalOf(`${start}${"1".repeat(500_000)}x`)).toBeNull();
});
