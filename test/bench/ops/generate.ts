// Generated rows, as many as requested, written directly into the folds of a training: for sizes without a data file.
import { rowsPerBlock } from "../../../src/engine/data/blocks.ts";
import { seededRandom } from "../../../src/engine/data/seeded-random.ts";
import { arrangeAs } from "../object/training-set.ts";
import { numberIn, type Operation } from "./operation.ts";

const FOLDS = 5;
/** The distance between the centres of classes. With noise of unit deviation, nine in ten rows can be classified. */
const CENTRE = 0.16;

/** {rows, dims, classes}: noisy clusters, a fifth of them in each fold. */
export const generate: Operation = (stored, params) => {
  const rows = numberIn(params, "rows", 0);
  const dims = numberIn(params, "dims", 0);
  const classes = numberIn(params, "classes", 0);
  stored.describe({ name: `synthetic ${rows}×${dims}`, dims, classes });
  const rowOf = clusters(dims, classes);
  arrangeAs(stored, "folds", { folds: FOLDS, rounds: 1 }, (writer) => {
    for (let row = 0; row < rows; row++)
      writer(Math.floor(row / classes) % FOLDS).add(rowOf(row % classes), row % classes);
  });
  return { rows, block_rows: rowsPerBlock(dims, classes) };
};

/** Draws a row of a class, into an array that the next one overwrites. */
function clusters(dims: number, classes: number): (label: number) => Float32Array {
  const { normal, uniform } = seededRandom(1);
  const centres = Float32Array.from({ length: classes * dims }, () => CENTRE * normal());
  const row = new Float32Array(dims);
  // The noise is uniform with unit deviation, because drawing normal noise takes longer than training on the row.
  return (label) => {
    for (let d = 0; d < dims; d++) row[d] = (centres[label * dims + d] as number) + 3.46 * (uniform() - 0.5);
    return row;
  };
}
