// Where training rows come from: blocks of features, wherever they live, in an order that the examples alone decide.
import { LIMITS } from "../core/limits.ts";
import { WORK } from "../core/work.ts";
import type { Targets } from "../tensor/products.ts";

/** What rows are for: a fold, which fits learn from and one of them is judged on, or test, which none sees. */
export type Part = number | "test";

export interface StoredBlock {
  readonly rows: number;
  /** [rows][dims] as the backbone made them, or scaled rows that `keepScaled` was given. */
  readonly features: Float32Array | Uint8Array;
  /** Classes index the labels of the plan; sets of labels are bits in their order. */
  readonly targets: Targets;
  /** Gives the memory of the features back at once, where they are a copy: a pass would leave all rows to the collector. */
  release?(): void;
}

export interface FeatureBlocks {
  readonly dims: number;
  /** Rows of every block, by fold, in canonical order. */
  readonly folds: readonly (readonly number[])[];
  readonly test: readonly number[];
  load(part: Part, index: number): StoredBlock | Promise<StoredBlock>;
  /**
   * Puts a copy of scaled rows, in 16 bits a number, in the place of a block's float32: later passes read half the bytes and
   * scale nothing.
   */
  keepScaled(part: Part, index: number, scaled: Uint8Array): void;
}

/** Rows in a block: what a row of SQLite holds, and a couple of milliseconds of a head's gradient, in whole batches of 64. */
export function rowsPerBlock(dims: number, outputs: number): number {
  const operationsPerRow = 4 * dims * (outputs + 7);
  const brief = Math.max(64, Math.floor(WORK.perBlock / operationsPerRow / 64) * 64);
  return Math.max(16, Math.min(4096, brief, Math.floor(LIMITS.blockBytes / (4 * dims))));
}

export const blocksOf = (blocks: FeatureBlocks, part: Part): readonly number[] =>
  part === "test" ? blocks.test : (blocks.folds[part] ?? []);

/** Where a block stands among the rows of its part. */
export interface BlockPlace {
  readonly part: Part;
  readonly index: number;
  readonly first: number;
  readonly rows: number;
}
