// The training loop: the same bits however it is cut, and an optimum that plain gradient descent agrees with.
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Part } from "../../src/engine/blocks.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import { outcomeOfTraining } from "../../src/engine/outcome.ts";
import { type PlanRequest, planTraining } from "../../src/engine/plan.ts";
import { progressOf } from "../../src/engine/progress.ts";
import { reserveHeap } from "../../src/tensor/heap.ts";
import { liveTensors, tensorBytes } from "../../src/tensor/scope.ts";
import { clusterBlocks, type MemoryBlocks, memoryBlocks, train } from "../support/blocks.ts";
import { gradientDescent, objectiveOf } from "../support/gradient-descent.ts";

const [DIMS, CLASSES] = [6, 3];
const blocks = () => clusterBlocks(DIMS, CLASSES);

const planFor = (more: Partial<PlanRequest> = {}) =>
  planTraining({ kind: "linear", dims: DIMS, labels: ["a", "b", "c"], seed: 1, rows: 167, ...more });

const bits = (checkpoint: Checkpoint): Uint8Array => encodeCheckpoint(checkpoint);
const whole = () => train(planFor(), blocks());

describe("cutting a training into slices", () => {
  test.each([1, 5_000, 50_000])("changes no bit at %i operations a slice", async (budget) => {
    expect(bits(await train(planFor(), blocks(), { budget }))).toEqual(bits(await whole()));
  });

  test("changes no bit when every slice is stored, killed and read back", async () => {
    let slices = 0;
    const between = (checkpoint: Checkpoint): Checkpoint => {
      slices++;
      return decodeCheckpoint(encodeCheckpoint(checkpoint));
    };
    const resumed = await train(planFor(), blocks(), { budget: 1, between });
    expect(slices).toBeGreaterThan(100);
    expect(bits(resumed)).toEqual(bits(await whole()));
  });

  test("tells a progress between 0 and 1 that ends above where it began, in work that only grows", async () => {
    const seen: { progress: number; work: number }[] = [];
    const between = (checkpoint: Checkpoint): Checkpoint => {
      seen.push({ progress: progressOf(checkpoint), work: checkpoint.work });
      return checkpoint;
    };
    await train(planFor(), blocks(), { budget: 1, between });
    expect(seen.every(({ progress }) => progress > 0 && progress < 1)).toBe(true);
    expect(seen.at(-1)?.progress).toBeGreaterThan(0.9);
    expect(seen.every(({ work }, i) => work >= (seen[i - 1]?.work ?? 0))).toBe(true);
  });
});

describe("where the blocks live", () => {
  const mostLoads = ({ loads }: MemoryBlocks): number => Math.max(...loads.values());

  test("changes no bit: kept on the heap, or read again each pass", async () => {
    const kept = blocks();
    const resident = await train(planFor(), kept);
    const reservation = reserveHeap(LIMITS.residentBlockBytes);
    const read = blocks();
    const streamed = await train(planFor(), read).finally(() => reservation?.release());
    expect(mostLoads(kept)).toBe(2); // once to fit the scaler, once to stay
    expect(mostLoads(read)).toBeGreaterThan(20);
    expect(bits(streamed)).toEqual(bits(resident));
  });

  test("gives the heap's budget back when it ends", async () => {
    await whole();
    const all = reserveHeap(LIMITS.residentBlockBytes);
    expect(all).not.toBeNull();
    expect(reserveHeap(1)).toBeNull();
    all?.release();
    all?.release();
    reserveHeap(LIMITS.residentBlockBytes)?.release();
  });

  test("leaves no tensor behind", async () => {
    await whole();
    const before = [liveTensors(), tensorBytes()];
    await whole();
    expect([liveTensors(), tensorBytes()]).toEqual(before);
  });

  test("leaves no tensor behind when a block cannot be read", async () => {
    await whole();
    const before = liveTensors();
    const sound = blocks();
    const broken = { ...sound, load: (part: Part, i: number) => (sound.loads.size > 3 ? fail() : sound.load(part, i)) };
    await expect(train(planFor(), broken)).rejects.toThrow("disk");
    expect(liveTensors()).toBe(before);
  });
});

function fail(): never {
  throw new Error("disk");
}

describe("the model", () => {
  test("reaches the objective that long gradient descent reaches, on training and validation rows", async () => {
    const data = clusterBlocks(DIMS, CLASSES, 2);
    const done = await train(planFor({ l2: 0.01 }), data);
    const { final } = outcomeOfTraining(done);
    const problem = await objectiveOf(data, ["train", "validation"], final.scaler, (0.01 * 167) / 228, CLASSES);
    const reference = gradientDescent(problem, 20_000);
    const ours = problem.value(final.head.weights, final.head.bias);
    expect(ours).toBeGreaterThanOrEqual(reference.value - 1e-6);
    expect(ours).toBeLessThan(reference.value * 1.002);
  });

  test("is the same whatever order blocks of the same rows would be cut in, to float32's precision", async () => {
    const data = blocks();
    const parts = (["train", "validation", "test"] as const).map(async (part) => {
      const raw = await Promise.all(data.rows[part].map((_, i) => data.load(part, i)));
      const features = Float32Array.from(raw.flatMap((block) => [...block.features]));
      return [part, [{ features, labels: Int32Array.from(raw.flatMap((block) => [...block.labels])) }]] as const;
    });
    const joined = memoryBlocks(DIMS, Object.fromEntries(await Promise.all(parts)));
    const [one, many] = [await train(planFor(), joined), await whole()].map(outcomeOfTraining);
    expect(one?.l2).toBe(many?.l2);
    expect(one?.metrics.validation.log_loss).toBeCloseTo(many?.metrics.validation.log_loss as number, 2);
  });

  test("predicts clusters that lie apart without a mistake", async () => {
    const { metrics } = outcomeOfTraining(await train(planFor(), clusterBlocks(DIMS, CLASSES, 0.1)));
    expect(metrics.validation).toMatchObject({ accuracy: 1, examples: 61 });
    expect(metrics.test).toMatchObject({ accuracy: 1, examples: 30 });
  });

  test("is scaled and selected without a look at validation or test rows", async () => {
    const done = await whole();
    const other = clusterBlocks(DIMS, CLASSES, 3, 5);
    const own = blocks();
    const load = (part: Part, index: number) => (part === "train" ? own : other).load(part, index);
    const changed = await train(planFor(), { ...own, load });
    expect(changed.scaler).toEqual(done.scaler);
    expect(changed.trials[0]?.evaluations).toBe(done.trials[0]?.evaluations);
    expect(changed.trials[0]?.log_loss).not.toBe(done.trials[0]?.log_loss);
  });

  test("has no test metrics where no row was given to test", async () => {
    const data = blocks();
    const rows = { ...data.rows, test: [] };
    expect((await train(planFor(), { ...data, rows })).test).toBeNull();
  });
});

describe("the path of strengths", () => {
  test("is walked from the strongest, and its best by held-out loss is taken", async () => {
    const { path, l2 } = outcomeOfTraining(await whole());
    expect(path.length).toBeGreaterThan(1);
    expect(path.map((trial) => trial.l2)).toEqual(path.map((trial) => trial.l2).sort((a, b) => b - a));
    const best = Math.min(...path.map((trial) => trial.log_loss));
    expect(path.find((trial) => trial.log_loss === best)?.l2).toBe(l2);
  });

  test("is one point where the caller gave one", async () => {
    const { path, l2 } = outcomeOfTraining(await train(planFor({ l2: 0.5 }), blocks()));
    expect(path.map((trial) => trial.l2)).toEqual([0.5]);
    expect(l2).toBe(0.5);
  });

  test("begins weaker where rows outweigh the prior", () => {
    expect(planFor({ rows: 100 }).path[0]).toBe(1);
    expect(planFor({ rows: 100_000 }).path[0]).toBeCloseTo(0.01);
  });

  test("takes no more iterations a fit than the caller allows", async () => {
    const { path } = outcomeOfTraining(await train(planFor({ maxIterations: 1 }), blocks()));
    expect(Math.max(...path.map((trial) => trial.evaluations))).toBeLessThan(12);
  });
});
