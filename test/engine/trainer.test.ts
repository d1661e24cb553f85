// The training loop: the same bits for any slicing and any storage of its rows, for every task.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import type { RowPart } from "../../src/engine/data/blocks.ts";
import { outcomeOfTraining } from "../../src/engine/outcome.ts";
import type { Plan } from "../../src/engine/plan.ts";
import { progressOf } from "../../src/engine/progress.ts";
import { reserveHeap } from "../../src/tensor/heap.ts";
import { liveTensors, tensorBytes } from "../../src/tensor/scope.ts";
import { labelNames, type MemoryBlocks, planOn, type TrainOptions, train } from "../support/blocks.ts";
import { clusterBlocks, tagBlocks, valueBlocks } from "../support/samples.ts";

const DIMS = 6;
const classes = () => clusterBlocks(DIMS, 3, 2);
const plan = planOn(classes(), labelNames(3));

/** More dimensions than a Gram matrix may have, so the diagonal is measured during a fit. */
const wide = () => clusterBlocks(520, 3, 4);
const widePlan = planOn(wide(), labelNames(3), { rounds: 1, options: { l2: 1e-4 } });

/** A fit so long that the diagonal is measured in addition to its Gram matrix. */
const longPlan = planOn(classes(), labelNames(3), { rounds: 1, options: { l2: 1e-6 } });

interface Training {
  readonly blocks: () => MemoryBlocks;
  readonly plan: Plan;
}

/** All cases of the loop: every phase of a linear head occurs in one of these trainings. */
const TRAININGS: Readonly<Record<string, Training>> = {
  "a classification of five rounds": { blocks: classes, plan },
  "a classification of one round": { blocks: classes, plan: planOn(classes(), labelNames(3), { rounds: 1 }) },
  "a multilabel head": {
    blocks: () => tagBlocks(DIMS, 9),
    plan: planOn(tagBlocks(DIMS, 9), labelNames(9), { task: "multilabel" }),
  },
  "a classification whose diagonal is measured": { blocks: wide, plan: { ...widePlan, curvature: "diagonal" } },
  "a classification of one strength": { blocks: classes, plan: longPlan },
  "a regression by leave-one-out": {
    blocks: () => valueBlocks(DIMS),
    plan: planOn(valueBlocks(DIMS), [], { task: "regression" }),
  },
  "a regression of five rounds": {
    blocks: () => valueBlocks(513),
    plan: planOn(valueBlocks(513), [], { task: "regression", options: { l2: 0.1 } }),
  },
};
const NAMES = Object.keys(TRAININGS);
const trainingOf = (name: string): Training => TRAININGS[name] as Training;

const bits = (checkpoint: Checkpoint): Uint8Array => encodeCheckpoint(checkpoint);
const whole = ({ blocks, plan }: Training) => train(plan, blocks());

/** Operations of each slice. */
async function worksOf({ blocks, plan }: Training, cut: Pick<TrainOptions, "budget">): Promise<number[]> {
  const totals = [0];
  const between = (checkpoint: Checkpoint): Checkpoint => {
    totals.push(checkpoint.work);
    return checkpoint;
  };
  await train(plan, blocks(), { ...cut, between });
  return totals.slice(1).map((total, i) => total - (totals[i] as number));
}

const evaluationsOf = ({ fits, optimiser }: Checkpoint): number =>
  [...fits, ...(optimiser ? [optimiser] : [])].reduce((sum, fit) => sum + fit.evaluations, 0);

describe("a training that is divided into slices", () => {
  it.each([1, 5_000, 50_000])("changes no bit at %i operations per slice", async (budget) => {
    expect(bits(await train(plan, classes(), { budget }))).toEqual(bits(await train(plan, classes())));
  });

  it.each(NAMES)("changes no bit when every slice is stored, killed and read back: %s", async (name) => {
    let slices = 0;
    const between = (checkpoint: Checkpoint): Checkpoint => {
      slices++;
      return decodeCheckpoint(encodeCheckpoint(checkpoint));
    };
    const resumed = await train(trainingOf(name).plan, trainingOf(name).blocks(), { budget: 1, between });
    expect(slices).toBeGreaterThan(40);
    expect(bits(resumed)).toEqual(bits(await whole(trainingOf(name))));
  });

  it.each(NAMES)("starts no step that does not fit into the budget: %s", async (name) => {
    const most = Math.max(...(await worksOf(trainingOf(name), { budget: 1 })));
    const budget = 1.5 * most;
    expect(Math.max(...(await worksOf(trainingOf(name), { budget })))).toBeLessThanOrEqual(budget);
  });

  it.each(NAMES)(
    "reads a block, uses it, and passes the result to an optimiser in separate steps: %s",
    async (name) => {
      const { blocks, plan } = trainingOf(name);
      const rows = blocks();
      let last = { loads: 0, work: 0, evaluations: 0, isScaled: false };
      const between = (state: Checkpoint): Checkpoint => {
        const loads = [...rows.loads.values()].reduce((sum, count) => sum + count, 0);
        const evaluations = evaluationsOf(state);
        const next = { loads, work: state.work, evaluations, isScaled: state.scaler !== null };
        const done = [next.loads > last.loads, next.work > last.work, next.evaluations > last.evaluations];
        if (last.isScaled) expect(done.filter(Boolean).length).toBeLessThanOrEqual(1);
        last = next;
        return state;
      };
      await train(plan, rows, { budget: 1, between });
    },
  );

  it.each(NAMES)("reports a progress between 0 and 1, and work that only grows: %s", async (name) => {
    const seen: { progress: number; work: number }[] = [];
    const between = (checkpoint: Checkpoint): Checkpoint => {
      seen.push({ progress: progressOf(checkpoint), work: checkpoint.work });
      return checkpoint;
    };
    await train(trainingOf(name).plan, trainingOf(name).blocks(), { budget: 1, between });
    expect(seen.every(({ progress }) => progress > 0 && progress < 1)).toBe(true);
    expect(seen.at(-1)?.progress).toBeGreaterThan(0.5);
    expect(seen.every(({ work }, i) => work >= (seen[i - 1]?.work ?? 0))).toBe(true);
  });
});

/** Trains while the heap has no room for blocks. */
function streamed(plan: Plan, blocks: MemoryBlocks): Promise<Checkpoint> {
  const reservation = reserveHeap(LIMITS.residentBlockBytes);
  expect(reservation).not.toBeNull();
  return train(plan, blocks).finally(() => reservation?.release());
}

describe("the storage of blocks", () => {
  const mostLoads = ({ loads }: MemoryBlocks): number => Math.max(...loads.values());

  it.each(NAMES)("changes no bit, whether blocks stay on the heap or are read again in each pass: %s", async (name) => {
    const kept = trainingOf(name).blocks();
    const resident = await train(trainingOf(name).plan, kept);
    const read = trainingOf(name).blocks();
    expect(bits(await streamed(trainingOf(name).plan, read))).toEqual(bits(resident));
    expect(mostLoads(kept)).toBe(2); // once to fit the scaler, once to stay
    expect(mostLoads(read)).toBeGreaterThan(2);
  });

  it("is the heap alone while there is room; otherwise blocks are also stored in scaled form", async () => {
    const [kept, read] = [classes(), classes()];
    await train(plan, kept);
    await streamed(plan, read);
    expect(kept.putBack.size).toBe(0);
    expect(read.putBack.size).toBe(7);
  });

  it("gives its heap memory back at the end of a training", async () => {
    await train(plan, classes());
    const all = reserveHeap(LIMITS.residentBlockBytes);
    expect(all).not.toBeNull();
    expect(reserveHeap(1)).toBeNull();
    all?.release();
    all?.release();
    reserveHeap(LIMITS.residentBlockBytes)?.release();
  });

  it.each(NAMES)("leaves no tensor behind: %s", async (name) => {
    await whole(trainingOf(name));
    const before = [liveTensors(), tensorBytes()];
    await whole(trainingOf(name));
    expect([liveTensors(), tensorBytes()]).toEqual(before);
  });

  it("leaves no tensor behind when a block cannot be read", async () => {
    await train(plan, classes());
    const before = liveTensors();
    const sound = classes();
    let left = 9;
    const load = (part: RowPart, index: number) => (left-- > 0 ? sound.load(part, index) : fail());
    await expect(train(plan, { ...sound, load })).rejects.toThrow("disk");
    expect(liveTensors()).toBe(before);
  });
});

function fail(): never {
  throw new Error("disk");
}

// A restart once read scaled rows of the first run without the scaler that had scaled them, because the checkpoint was older.
// Every training too large for the heap that was killed in its first second failed with an internal error.
it("a training stops for a checkpoint once it has a scaler, before it stores any block in scaled form", async () => {
  const blocks = classes();
  const reservation = reserveHeap(LIMITS.residentBlockBytes);
  const stops: { scaled: boolean; putBack: number }[] = [];
  const between = (checkpoint: Checkpoint): Checkpoint => {
    stops.push({ scaled: checkpoint.scaler !== null, putBack: blocks.putBack.size });
    return checkpoint;
  };
  await train(plan, blocks, { between }).finally(() => reservation?.release());
  expect(blocks.putBack.size).toBe(7);
  expect(stops).toEqual([{ scaled: true, putBack: 0 }]);
});

describe("a whole training", () => {
  it("predicts well separated clusters without a mistake", async () => {
    const apart = clusterBlocks(DIMS, 3, 0.1);
    const { metrics } = outcomeOfTraining(await train(planOn(apart, labelNames(3)), apart));
    expect(metrics.validation).toMatchObject({ accuracy: 1, examples: 200 });
    expect(metrics.test).toMatchObject({ accuracy: 1, examples: 30 });
  });

  it("finds the labels of rows on either side of planes", async () => {
    const blocks = tagBlocks(DIMS, 9, 0);
    const { metrics } = outcomeOfTraining(await train(planOn(blocks, labelNames(9), { task: "multilabel" }), blocks));
    expect(metrics.validation).toMatchObject({ examples: 200, per_label: { length: 9 } });
    expect((metrics.validation as { micro_f1: number }).micro_f1).toBeGreaterThan(0.93);
    expect((metrics.test as { micro_f1: number }).micro_f1).toBeGreaterThan(0.93);
  });

  it("finds values on a plane, in their own units", async () => {
    const blocks = valueBlocks(DIMS, 0.5);
    const { metrics } = outcomeOfTraining(await train(planOn(blocks, [], { task: "regression" }), blocks));
    expect(metrics.validation).toMatchObject({ examples: 200 });
    for (const { rmse, r2 } of [metrics.validation, metrics.test] as { rmse: number; r2: number }[]) {
      expect(rmse).toBeGreaterThan(3);
      expect(rmse).toBeLessThan(7); // noise of 5, and the uncertainty of 200 rows
      expect(r2).toBeGreaterThan(0.9);
    }
  });

  it("has no test metrics if no row was given to test", async () => {
    expect((await train(plan, { ...classes(), test: [] })).test).toBeNull();
  });
});
