// The interface to training rows: blocks of features from any storage, in an order that depends only on the examples.
import { LIMITS } from "../../core/limits.ts";
import { WORK } from "../../core/work.ts";
import type { Targets } from "../../tensor/products.ts";

/**
 * The use of a row. Number of a fold: most fits learn from its rows, and one is judged on them. `test`: no fit learns from it.
 */
export type RowPart = number | "test";

export interface StoredBlock {
  readonly rows: number;
  /** [rows][dims] from the backbone, or scaled rows that `keepScaled` stored. */
  readonly features: Float32Array | Uint8Array;
  /** Classes are indices of the plan's labels. Label sets are bits in the same order. */
  readonly targets: Targets;
  /**
   * Frees the features' memory at once if they are a copy. Otherwise a pass would leave copies of all rows to the garbage
   * collector.
   */
  release?(): void;
}

export interface FeatureBlocks {
  readonly dims: number;
  /** Row counts of the blocks of each fold, in canonical order. */
  readonly folds: readonly (readonly number[])[];
  readonly test: readonly number[];
  load(part: RowPart, index: number): StoredBlock | Promise<StoredBlock>;
  /**
   * Replaces a block's float32 features by a copy of its scaled rows, 16 bits a number. Later passes read half the bytes and
   * need not scale.
   */
  keepScaled(part: RowPart, index: number, scaled: Uint8Array): void;
}

/** Rows per block: whole batches of 64 that fit into one row of SQLite and whose gradient takes at most a few milliseconds. */
export function rowsPerBlock(dims: number, outputs: number): number {
  const operationsPerRow = 4 * dims * (outputs + 7);
  const brief = Math.max(64, Math.floor(WORK.perBlock / operationsPerRow / 64) * 64);
  return Math.max(16, Math.min(4096, brief, Math.floor(LIMITS.blockBytes / (4 * dims))));
}

export const blocksOf = (blocks: FeatureBlocks, part: RowPart): readonly number[] =>
  part === "test" ? blocks.test : (blocks.folds[part] ?? []);

/** Position of a block among the rows of its part. */
export interface BlockPlace {
  readonly part: RowPart;
  readonly index: number;
  readonly first: number;
  readonly rows: number;
}
