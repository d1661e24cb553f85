// Rows with the outputs of a model that did not see them: the argument from which every task updates its sums.
import type { Targets } from "../../tensor/products.ts";

export type Outputs = Float32Array | Float64Array;

export interface JudgedRows {
  readonly rows: number;
  /** [rows][outputs] */
  readonly outputs: Outputs;
  readonly targets: Targets;
  /** Inverse temperature. */
  readonly beta: number;
}

/** Calls `use` with the outputs [outputs] of each row. */
export function eachRow({ rows, outputs }: JudgedRows, use: (z: Outputs, row: number) => void): void {
  const width = outputs.length / rows;
  for (let r = 0; r < rows; r++) use(outputs.subarray(r * width, (r + 1) * width), r);
}
