// A map of many entries.
import { expect, it } from "vitest";
import { LargeMap } from "../../src/core/large-map.ts";

it.each<[string, (i: number) => number | string]>([
  ["whole numbers", (i) => i * 2 ** 20 - 5_000],
  ["hexadecimal texts", (i) => (i * 2_654_435_761).toString(16).padStart(16, "0")],
])("a map keeps the last value of each of many keys: %s", (_, keyOf) => {
  const map = new LargeMap<number | string, number>();
  for (let i = 0; i < 10_000; i++) map.set(keyOf(i % 5_000), i);
  expect(Array.from({ length: 5_000 }, (_, i) => map.get(keyOf(i)))).toEqual(
    Array.from({ length: 5_000 }, (_, i) => 5_000 + i),
  );
  expect([map.has(keyOf(1)), map.has(keyOf(7_000)), map.get(keyOf(7_000))]).toEqual([true, false, undefined]);
});
