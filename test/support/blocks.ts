// Training rows in memory, as blocks by fold, for engine tests.
import { type Checkpoint, startTraining } from "../../src/engine/checkpoint.ts";
import type { FeatureBlocks, RowPart, StoredBlock } from "../../src/engine/data/blocks.ts";
import { TrainingData } from "../../src/engine/data/training-data.ts";
import { outcomeOfTraining, type TrainingOutcome } from "../../src/engine/outcome.ts";
import { type Plan, type PlanRequest, planTraining, total } from "../../src/engine/plan.ts";
import { runSlice } from "../../src/engine/trainer.ts";

export interface MemoryBlocks extends FeatureBlocks {
  /** Number of reads of each block, by `part/index`. */
  readonly loads: ReadonlyMap<string, number>;
  /** Blocks that were stored again in scaled form. */
  readonly putBack: ReadonlySet<string>;
}

export interface BlockSet {
  readonly dims: number;
  /** Blocks of each fold. */
  readonly folds: readonly (readonly StoredBlock[])[];
  readonly test?: readonly StoredBlock[];
}

export function memoryBlocks({ dims, folds, test = [] }: BlockSet): MemoryBlocks {
  const loads = new Map<string, number>();
  const scaled = new Map<string, Uint8Array>();
  const rowsOf = (blocks: readonly StoredBlock[]): number[] => blocks.map(({ rows }) => rows);
  return {
    dims,
    loads,
    folds: folds.map(rowsOf),
    test: rowsOf(test),
    get putBack() {
      return new Set(scaled.keys());
    },
    load(part, index) {
      const key = `${part}/${index}`;
      loads.set(key, (loads.get(key) ?? 0) + 1);
      const block = (part === "test" ? test : folds[part])?.[index] as StoredBlock;
      return { ...block, features: scaled.get(key) ?? block.features };
    },
    keepScaled: (part, index, bytes) => scaled.set(`${part}/${index}`, bytes.slice()),
  };
}

/** One block per fold. The rows go to the folds in turn. */
export function dealtBlocks(
  dims: number,
  rows: readonly Float32Array[],
  targetsOf: (rows: readonly number[]) => StoredBlock["targets"],
  folds = 5,
): MemoryBlocks {
  const blockOf = (_: unknown, fold: number): StoredBlock[] => {
    const own = rows.flatMap((_row, i) => (i % folds === fold ? [i] : []));
    const features = new Float32Array(own.length * dims);
    own.forEach((i, at) => {
      features.set(rows[i] as Float32Array, at * dims);
    });
    return own.length === 0 ? [] : [{ rows: own.length, features, targets: targetsOf(own) }];
  };
  return memoryBlocks({ dims, folds: Array.from({ length: folds }, blockOf) });
}

/** The plan of a linear head on `blocks`, with all folds held out in turn unless `more` says otherwise. */
export function planOn(blocks: FeatureBlocks, labels: readonly string[], more: Partial<PlanRequest> = {}): Plan {
  const foldRows = blocks.folds.map(total);
  const fixed = { task: "classification", recipe: "linear", dims: blocks.dims, seed: 1 } as const;
  return planTraining({ ...fixed, labels, foldRows, rounds: foldRows.length, ...more });
}

export const labelNames = (count: number): string[] => Array.from({ length: count }, (_, k) => `label ${k}`);

export interface TrainOptions {
  /** Floating-point operations per slice. */
  readonly budget?: number;
  /** Transforms a checkpoint between two slices. */
  readonly between?: (checkpoint: Checkpoint) => Checkpoint;
}

/** Trains to the end, and frees its memory. */
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

export const outcomeOn = async (plan: Plan, blocks: FeatureBlocks): Promise<TrainingOutcome> =>
  outcomeOfTraining(await train(plan, blocks));

/** Every block of some parts, read at once. */
export const blocksIn = (blocks: FeatureBlocks, parts: readonly RowPart[]): Promise<StoredBlock[]> =>
  Promise.all(
    parts.flatMap((part) => {
      const rows = part === "test" ? blocks.test : (blocks.folds[part] ?? []);
      return rows.map(async (_, index) => await blocks.load(part, index));
    }),
  );
