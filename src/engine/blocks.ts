// Where training rows come from: blocks of features, wherever they live, in an order that the examples alone decide.

/** A role of rows in a training. */
export type Part = "train" | "validation" | "test";

export interface RawBlock {
  /** [rows][dims], as the backbone made them. */
  readonly features: Float32Array;
  /** [rows]: indices into the labels of the plan. */
  readonly labels: Int32Array;
}

export interface FeatureBlocks {
  readonly dims: number;
  /** Rows of every block, by part, in canonical order. */
  readonly rows: Readonly<Record<Part, readonly number[]>>;
  load(part: Part, index: number): RawBlock | Promise<RawBlock>;
}

/** Rows in a block of `dims` floats: what a row of SQLite holds, and a few milliseconds of work. */
export function rowsPerBlock(dims: number): number {
  const BLOCK_BYTES = 1_800_000;
  return Math.max(16, Math.min(4096, Math.floor(BLOCK_BYTES / (4 * dims))));
}

export const countRows = (blocks: FeatureBlocks, part: Part): number => blocks.rows[part].reduce((a, b) => a + b, 0);
