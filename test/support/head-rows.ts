// Rows for a head of any shape, with targets for each of the losses.
import type { HeadShape } from "../../src/engine/heads/kind.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import type { Loss, LossTask } from "../../src/tensor/products.ts";
import { integers, normals, seededRandom } from "./random.ts";

export interface Case {
  readonly loss: Loss;
  readonly shape: HeadShape;
}

/** Rows whose targets suit a loss. */
export function rowsFor({ loss, shape: { dims, outputs } }: Case, rows: number) {
  const random = seededRandom(dims * 100 + rows);
  const x = normals(random, rows * dims);
  return { rows, dims, x, loss, outputs, ...targetsFor[loss](rows, outputs) };
}

export type Rows = ReturnType<typeof rowsFor>;

/** Targets in the form of heads, and as a matrix [rows][outputs]. */
const targetsFor: Readonly<
  Record<Loss, (rows: number, outputs: number) => Pick<LossTask, "targets"> & { truth: Float32Array }>
> = {
  softmax: (rows, outputs) => {
    const targets = integers(seededRandom(rows), rows, outputs);
    const truth = new Float32Array(rows * outputs);
    targets.forEach((label, r) => void truth.fill(1, r * outputs + label, r * outputs + label + 1));
    return { targets, truth };
  },
  sigmoid: (rows, outputs) => {
    const truth = Float32Array.from(integers(seededRandom(rows), rows * outputs, 2));
    const setOf = (r: number): number[] => [...Array(outputs).keys()].filter((k) => truth[r * outputs + k] === 1);
    return {
      targets: packSets(
        Array.from({ length: rows }, (_, r) => setOf(r)),
        outputs,
      ),
      truth,
    };
  },
  squared: (rows) => {
    const truth = normals(seededRandom(rows), rows);
    return { targets: truth, truth };
  },
};
