// A malformed bundle is refused before anything runs, with the name of the operation or weight.
import { expect, it } from "vitest";
import type { Bundle } from "../../src/contract/bundle/bundle.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { load, smallEncoder } from "../support/small-encoder.ts";

const small = await smallEncoder();

type Loose = Record<string, never>;

/** The error of the bundle after `change`. */
async function errorAfter(change: (bundle: Loose & Bundle) => void): Promise<string> {
  const bundle = structuredClone(small.bundle);
  change(bundle as Loose & Bundle);
  return load({ ...small, bundle }).then(
    () => "loaded",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

/** Operation `at` with other fields. */
const operation =
  (at: number, changed: object) =>
  (bundle: Bundle): void => {
    Object.assign(bundle.operations[at] as object, changed);
  };
const weight =
  (name: string, changed: object) =>
  (bundle: Bundle): void => {
    Object.assign(bundle.weights[name] as object, changed);
  };
const value =
  (name: string, changed: object) =>
  (bundle: Bundle): void => {
    Object.assign(bundle.values[name] as object, changed);
  };

const [EMBED, NORM, QUERY, MIXED] = [0, 1, 2, 5];

it.each<[string, (bundle: Loose & Bundle) => void, RegExp]>([
  ["an unknown operation", operation(NORM, { op: "fly" }), /operation "embedded" \(fly\)/],
  ["an unknown attribute", operation(NORM, { attributes: { epsilon: 1, size: 2 } }), /"embedded".*"size"/],
  ["an attribute of another type", operation(NORM, { attributes: { epsilon: "1" } }), /"embedded".*epsilon/],
  ["an unknown activation", operation(QUERY, { attributes: { activation: "sine" } }), /"first\/query"/],
  ["heads that do not divide the width", operation(MIXED, { attributes: { heads: 3, scale: 1 } }), /"first\/mixed"/],
  ["a missing weight", operation(NORM, { weights: {} }), /"embedded".*"gamma" is missing/],
  ["a weight of an unknown role", operation(MIXED, { weights: { table: "table" } }), /no weight "table"/],
  ["a weight that is not there", operation(NORM, { weights: { gamma: "g", beta: "g" } }), /has no weight "g"/],
  ["a weight of another format", operation(QUERY, { weights: { weight: "table" } }), /"weight" is int4-rows/],
  ["too many inputs", operation(EMBED, { inputs: ["ids", "ids"] }), /"tables" \(embed\): it has 2 inputs/],
  ["an input that is computed later", operation(NORM, { inputs: ["second/output"] }), /not computed before it/],
  ["an input that is not a value", operation(NORM, { inputs: ["constructor"] }), /no value "constructor"/],
  ["an output that is computed twice", operation(NORM, { output: "tables", inputs: ["tables"] }), /computed twice/],
  ["an output with the slot of its input", value("embedded", { slot: 2 }), /shares a slot with its input "tables"/],
  ["an input that was overwritten", value("first/key", { slot: 3 }), /"first\/query" was overwritten by "first\/key"/],
  ["an output of another shape", value("embedded", { shape: ["batch", "tokens", 64] }), /\[batch, tokens, 32\]/],
  ["a negative size", value("embedded", { shape: ["batch", -1, 32] }), /values\.embedded\.shape/],
  ["a slot that is not a number", value("embedded", { slot: "one" }), /values\.embedded\.slot/],
  ["a weight beyond all pieces", weight("table", { offset: 2 ** 40 }), /weight "table".*after the/],
  ["an unaligned weight", weight("table", { offset: 8 }), /weight "table": its offset 8/],
  ["a weight with too few bytes", weight("table", { bytes: 16 }), /weight "table": it has 16 bytes/],
  ["a weight of an unknown format", weight("table", { format: "int2" }), /weights\.table\.format/],
  ["a weight with more rows", weight("table", { shape: [10_000, 32] }), /weight "table"/],
  ["a weight with an enormous shape", weight("table", { shape: [2 ** 40, 32] }), /weight "table"/],
  ["a tap of no value", (bundle) => Object.assign(bundle.taps[0] as object, { value: "ids" }), /tap "first"/],
  [
    "a tap of another dimension",
    (bundle) => Object.assign(bundle.taps[0] as object, { dimension: 64 }),
    /32 dimensions/,
  ],
  ["another format of bundles", (bundle) => Object.assign(bundle, { format: 2 }), /format/],
  ["no operations", (bundle) => Object.assign(bundle, { operations: null }), /operations/],
  ["no inputs", (bundle) => Object.assign(bundle, { inputs: [] }), /inputs/],
])("refuses %s", async (_, change, says) => {
  const error = await errorAfter(change);
  expect(error).toMatch(/^BundleProblem: The bundle cannot run: /);
  expect(error).toMatch(says);
});

it("refuses what is not an object at all", async () => {
  for (const bundle of [null, 7, [], {}])
    await expect(load({ ...small, bundle: bundle as never })).rejects.toThrow(/The bundle cannot run: /);
});

it("refuses a piece that is shorter, or was changed", async () => {
  const [first, second] = small.pieces as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const changed = first.slice();
  changed[40] = (changed[40] ?? 0) ^ 1;
  await expect(load({ ...small, pieces: [first.slice(1), second] })).rejects.toThrow(/piece 0: it has \d+ bytes/);
  await expect(load({ ...small, pieces: [changed, second] })).rejects.toThrow(/piece 0: its digest is different/);
});

it("refuses weights that do not fit into memory", async () => {
  const memory = new MemoryBudget(10_000, () => 0);
  await expect(load(small, { memory })).rejects.toThrow(/weights: they take 1 MiB; at most 1 fit/);
});

it("loads the bundle that all of these were made from", async () => {
  expect(await errorAfter(() => {})).toBe("loaded");
});
