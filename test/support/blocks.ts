// Training rows in memory, as blocks: what an engine test trains on.
import type { FeatureBlocks, Part, RawBlock } from "../../src/engine/blocks.ts";
import { type Checkpoint, startTraining } from "../../src/engine/checkpoint.ts";
import type { Plan } from "../../src/engine/plan.ts";
import { runSlice } from "../../src/engine/trainer.ts";
import { TrainingData } from "../../src/engine/training-data.ts";
import { type Random, seededRandom } from "./random.ts";

export interface MemoryBlocks extends FeatureBlocks {
  /** How often each block was read, by `part/index`. */
  readonly loads: ReadonlyMap<string, number>;
}

export function memoryBlocks(dims: number, parts: Partial<Record<Part, readonly RawBlock[]>>): MemoryBlocks {
  const blocks = { train: [], validation: [], test: [], ...parts };
  const loads = new Map<string, number>();
  const rows = (part: Part): number[] => blocks[part].map(({ labels }) => labels.length);
  return {
    ...{ dims, loads, rows: { train: rows("train"), validation: rows("validation"), test: rows("test") } },
    load(part, index) {
      loads.set(`${part}/${index}`, (loads.get(`${part}/${index}`) ?? 0) + 1);
      return blocks[part][index] as RawBlock;
    },
  };
}

/** Rows around one centre per class, `spread` wide, far from zero and of different scales per dimension. */
export function clusterBlock(random: Random, rows: number, dims: number, classes: number, spread = 1): RawBlock {
  const centres = seededRandom(77);
  const centre = Float32Array.from({ length: classes * dims }, () => centres.normal());
  const labels = Int32Array.from({ length: rows }, () => random.below(classes));
  const features = Float32Array.from({ length: rows * dims }, (_, i) => {
    const d = i % dims;
    const label = labels[Math.floor(i / dims)] as number;
    return 5 + (1 + d) * ((centre[label * dims + d] as number) + spread * random.normal());
  });
  return { features, labels };
}

/** Several blocks of training rows, some of validation and of test. */
export function clusterBlocks(dims: number, classes: number, spread = 1, seed = 11): MemoryBlocks {
  const random = seededRandom(seed);
  const block = (rows: number): RawBlock => clusterBlock(random, rows, dims, classes, spread);
  return memoryBlocks(dims, {
    train: [block(70), block(64), block(33)],
    validation: [block(40), block(21)],
    test: [block(30)],
  });
}

export interface TrainOptions {
  /** Floating-point operations a slice. */
  readonly budget?: number;
  /** What becomes of a checkpoint between two slices. */
  readonly between?: (checkpoint: Checkpoint) => Checkpoint;
}

/** Trains to the end, and frees what it took. */
export async function train(plan: Plan, blocks: FeatureBlocks, options: TrainOptions = {}): Promise<Checkpoint> {
  const { budget = Number.POSITIVE_INFINITY, between = (checkpoint) => checkpoint } = options;
  const data = await TrainingData.open(blocks);
  try {
    for (let state = startTraining(plan); ; ) {
      const slice = await runSlice(state, data, budget);
      if (slice.done) return slice.checkpoint;
      state = between(slice.checkpoint);
    }
  } finally {
    data.dispose();
  }
}
