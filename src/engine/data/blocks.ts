// Training rows come from here: blocks of features from any storage, in an order that depends only on the examples.
import { LIMITS } from "../../core/limits.ts";
import { WORK } from "../../core/work.ts";
import type { Targets } from "../../tensor/products.ts";

/** What rows are used for. A fold: most fits learn from it, one is judged on it. Test: no fit learns from it. */
export type RowPart = number | "test";

export interface StoredBlock {
  readonly rows: number;
  /** [rows][dims] from the backbone, or scaled rows that `keepScaled` stored. */
  readonly features: Float32Array | Uint8Array;
  /** Classes are indices of the plan's labels. Label sets are bits in the same order. */
  readonly targets: Targets;
  /**
   * Frees the memory of the features at once, where they are a copy: otherwise a pass would leave all rows to the collector.
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

/** Rows per block: at most a row of SQLite and a few milliseconds of a head's gradient, in whole batches of 64. */
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
