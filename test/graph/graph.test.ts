// A loaded bundle as a whole: the bits of its features, its turns, its memory.
import { expect, it } from "vitest";
import { bytesOf, sha256Hex } from "../../src/core/bytes.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { Turns } from "../../src/core/turns.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { load, smallEncoder, textsOf } from "../support/small-encoder.ts";

const small = await smallEncoder();
const LENGTHS = [5, 1, 33, 12, 7, 64];

const featuresOf = async (graph: Graph, lengths: readonly number[], tap = "second"): Promise<number[]> => [
  ...((await graph.run(textsOf(lengths), [tap]))[tap] as Float32Array),
];

it("gives features with the recorded digest", async () => {
  const { first, second } = await (await load(small)).run(textsOf(LENGTHS), ["first", "second"]);
  const digests = await Promise.all([first, second].map((part) => sha256Hex(bytesOf(part as Float32Array))));
  expect(digests).toEqual([
    "9ff7429b9b320770c1732f55b6ca94375c23e2dcbc2dcde090ef3f2c46a940f3",
    "afef16cfdb55a51e5f6b3de7ea177e4cfdc8860ac6f770742851d6340e5abbce",
  ]);
});

it("gives a text the same bits alone, in any batch, and in any order", async () => {
  const graph = await load(small);
  const batch = await featuresOf(graph, LENGTHS);
  const alone = await Promise.all(LENGTHS.map((length) => featuresOf(graph, [length])));
  expect(alone.flat()).toEqual(batch);
  const backwards = await featuresOf(graph, LENGTHS.toReversed());
  expect(
    Array.from({ length: LENGTHS.length }, (_, at) => backwards.slice(32 * at, 32 * (at + 1)))
      .reverse()
      .flat(),
  ).toEqual(batch);
});

it("gives the same bits to a batch that runs in many groups", async () => {
  const graph = await load(small);
  const many = Array.from({ length: 40 }, () => LENGTHS).flat();
  const one = await featuresOf(graph, LENGTHS);
  expect(await featuresOf(graph, many)).toEqual(Array.from({ length: 40 }, () => one).flat());
});

it("gives unit vectors where a tap is normalised, and runs only what its taps need", async () => {
  const graph = await load(small);
  expect(Math.hypot(...(await featuresOf(graph, [9])))).toBeCloseTo(1, 6);
  expect(Math.hypot(...(await featuresOf(graph, [9], "first")))).not.toBeCloseTo(1, 2);
  expect(await featuresOf(graph, [9], "first")).toEqual([
    ...((await graph.run(textsOf([9]), ["second", "first"])).first as Float32Array),
  ]);
  expect(graph.cost([9], 1, ["first"])).toBeLessThan(0.7 * graph.cost([9], 1, ["second"]));
});

it("answers an empty batch with no features", async () => {
  expect(await (await load(small)).run(textsOf([]), ["first"])).toEqual({ first: new Float32Array(0) });
});

it("keeps the bits of two runs that take turns, also inside a large product", async () => {
  const graph = await load(await smallEncoder(256));
  const [long, short] = [[400, 300], [200]];
  const expected = await Promise.all([long, short].map((lengths) => graph.run(textsOf(lengths), ["second"])));
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns++;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  };
  const runs = [long, short].map((lengths) => graph.run(textsOf(lengths), ["second"], new Turns(1, turn)));
  expect(await Promise.all(runs)).toEqual(expected);
  expect(turns).toBeGreaterThan(20);
});

it("declares its whole memory, and gives it back", async () => {
  const memory = new MemoryBudget(2 ** 30, () => 0);
  const graph = await load(small, { memory });
  await graph.run(textsOf(LENGTHS), ["second"]);
  expect(memory.inUse).toBe(graph.heapBytes);
  graph.dispose();
  expect(memory.inUse).toBe(0);
  await graph.run(textsOf([500]), ["second"]);
  expect(memory.inUse).toBe(0);
});

it("refuses an input whose activations do not fit beside the model", async () => {
  const graph = await load(small, { memory: new MemoryBudget(200_000, () => 0) });
  await expect(graph.run(textsOf([500]), ["second"])).rejects.toThrow(/needs \d+ bytes beside the model/);
  expect(await featuresOf(graph, [3])).toHaveLength(32);
});

it("does not grow with the number of runs", async () => {
  const graph = await load(small);
  await graph.run(textsOf(LENGTHS), ["second"]);
  const { heapBytes } = graph;
  for (let run = 0; run < 50; run++) await graph.run(textsOf(LENGTHS), ["first", "second"]);
  expect(graph.heapBytes).toBe(heapBytes);
});

it("reuses the memory of a run that vanished in the middle, after a minute", async () => {
  let now = 0;
  const graph = await load(await smallEncoder(256), { now: () => now });
  const never = new Turns(1, () => new Promise<void>(() => {}));
  for (let run = 0; run < 3; run++) {
    void graph.run(textsOf([400, 300]), ["second"], never);
    await graph.run(textsOf([20]), ["second"]);
    now += 61_000;
  }
  const { heapBytes } = graph;
  for (let run = 0; run < 5; run++) {
    void graph.run(textsOf([400, 300]), ["second"], never);
    await graph.run(textsOf([20]), ["second"]);
    now += 61_000;
  }
  expect(graph.heapBytes).toBe(heapBytes);
});

it("a run stops with an error if its memory was given to another run", async () => {
  let now = 0;
  const graph = await load(await smallEncoder(256), { now: () => now });
  const late = new Turns(1, async () => {
    now += 61_000;
    await graph.run(textsOf([20]), ["first"]);
  });
  await expect(graph.run(textsOf([400, 300]), ["second"], late)).rejects.toThrow(/memory was given to others/);
});

it("refuses inputs that the model cannot read", async () => {
  const graph = await load(small);
  const run = (changed: object) => graph.run({ ...textsOf([3]), ...changed }, ["first"]);
  await expect(run({ values: Int32Array.of(1, 2, 100) })).rejects.toThrow(/no token 100: the model has 100/);
  await expect(run({ values: Int32Array.of(1, -1, 2) })).rejects.toThrow(/no token -1/);
  await expect(run({ values: Int32Array.of(1, 2) })).rejects.toThrow(/2 numbers, not 3/);
  await expect(run({ lengths: [2] })).rejects.toThrow(/3 numbers, not 2/);
  await expect(run({ lengths: [1, 2] })).rejects.toThrow(/2 lengths for 1 inputs/);
  await expect(run({ lengths: [0], values: new Int32Array(0) })).rejects.toThrow(/0 tokens/);
  await expect(run({ values: new Float32Array(3) })).rejects.toThrow(/must be ids/);
  await expect(graph.run(textsOf([601]), ["first"])).rejects.toThrow(/601 tokens; the model reads at most 600/);
  await expect(graph.run(textsOf([3]), ["third"])).rejects.toThrow(/no tap "third"/);
});
