// Memory that is given back before a collection.
import { expect, it } from "vitest";
import { releaseAll } from "../../src/core/release.ts";

it("frees every float array of a record, one that stands in two places too, and leaves the rest", () => {
  const [shared, deep, counts] = [new Float32Array(4), new Float64Array(4), new Int32Array([1, 2])];
  releaseAll({ shared, list: [{ deep, again: shared }], counts, names: ["a"], none: null, number: 1 });
  expect([shared.length, deep.length]).toEqual([0, 0]);
  expect([...counts]).toEqual([1, 2]);
});
