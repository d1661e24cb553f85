// Memory that is released before a garbage collection.
import { expect, it } from "vitest";
import { releaseAll, releaseUnused } from "../../src/core/release.ts";

it("releaseAll frees every float array of a record, also one that occurs twice, and nothing else", () => {
  const [shared, deep, counts] = [new Float32Array(4), new Float64Array(4), new Int32Array([1, 2])];
  releaseAll({ shared, list: [{ deep, again: shared }], counts, names: ["a"], none: null, number: 1 });
  expect([shared.length, deep.length]).toEqual([0, 0]);
  expect([...counts]).toEqual([1, 2]);
});

it("releaseUnused frees the arrays that the next state does not contain, and no buffer that both states use", () => {
  const [kept, spent, ids] = [new Float32Array(4), new Float64Array(4), new Int32Array(4)];
  const before = { fits: [{ kept, spent }], ids, again: spent, names: ["a"] };
  releaseUnused(before, { parameters: kept.subarray(1) });
  expect([kept.length, spent.length, ids.length]).toEqual([4, 0, 0]);
});

it("releaseUnused does not free part of a buffer, because other views may use the rest", () => {
  const whole = new Float32Array(4);
  releaseUnused({ part: whole.subarray(0, 2) }, {});
  expect(whole.length).toBe(4);
});

it("releaseUnused frees nothing if the state does not change", () => {
  const state = { weights: new Float32Array(4) };
  releaseUnused(state, state);
  expect(state.weights.length).toBe(4);
});
