// Positions of events: texts that sort like the times and numbers from which they are made.
import { expect, it } from "vitest";
import type { Position } from "../../src/contract/mapping.ts";
import { isOlder, positionAt, positionOf, positionOfDeletion } from "../../src/webhooks/order.ts";

const at = (text: string): Position => {
  const position = positionOf(text);
  if (position === null) throw new Error(`${text} has no position`);
  return position;
};

it.each([
  ["2026-11-30T10:00:00Z", "2026-11-30T10:00:01Z"],
  ["2026-11-30T10:00:00.000000001Z", "2026-11-30T10:00:00.000000002Z"],
  ["2026-11-30T10:00:00.9Z", "2026-11-30T10:00:01Z"],
  ["2026-11-30T12:00:00+02:00", "2026-11-30T10:00:00.001Z"],
  ["2026-11-30 10:00:00 UTC", "2026-11-30 02:00:01 -0800"],
  ["20261130T100000Z", "2026-11-30T10:00:01"],
  ["9", "10"],
  ["820982911946154508", "820982911946154509"],
  ["1531420618.000200", "1531420618.000201"],
  ["0.5", "0.50000001"],
  ["1790000000", "1790000000.1"],
])("the order puts %s before %s, and neither before itself", (older, newer) => {
  expect([isOlder(at(older), at(newer)), isOlder(at(newer), at(older))]).toEqual([true, false]);
  expect([isOlder(at(older), at(older)), isOlder(at(newer), at(newer))]).toEqual([false, false]);
});

it("two spellings of one time are equal in the order", () => {
  const [first, ...rest] = [
    "2026-11-30T10:00:00Z",
    "2026-11-30T12:00:00.000+02:00",
    "2026-11-30 10:00:00 UTC",
    "20261130T10Z",
  ];
  for (const text of rest) expect(at(text)).toBe(at(first as string));
  expect(positionAt(Date.UTC(2026, 10, 30, 10, 0, 0, 7))).toBe(at("2026-11-30T10:00:00.007Z"));
});

it.each(["", "soon", "-1", "1e9", "NaN", "9".repeat(25), "2026-11-30", "1969-12-31T23:59:59Z", "0x10", "1.", ".5"])(
  "no order is read from %j",
  (text) => {
    expect(positionOf(text)).toBeNull();
  },
);

it("a time is never compared with a number", () => {
  const [time, number] = [at("2026-11-30T10:00:00Z"), at("5")];
  expect([isOlder(time, number), isOlder(number, time)]).toEqual([false, false]);
});

it("a deletion without a time is ordered by its arrival, and never before events that are already known", () => {
  const [now, later] = [Date.UTC(2026, 10, 30), at("2026-12-01T00:00:00Z")];
  expect(positionOfDeletion(null, now)).toBe(positionAt(now));
  expect(positionOfDeletion(at("2026-11-29T00:00:00Z"), now)).toBe(positionAt(now));
  expect(positionOfDeletion(later, now)).toBe(later);
  expect(positionOfDeletion(at("5"), now)).toBe(at("5"));
});
