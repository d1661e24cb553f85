// Rows that nobody measured, as many as asked for, straight into the folds of a training: for sizes that no file here has.
import { rowsPerBlock } from "../../../src/engine/blocks.ts";
import { seededRandom } from "../../../src/engine/seeded-random.ts";
import { arrangeAs } from "../object/training-set.ts";
import { numberIn, type Operation } from "./operation.ts";

const FOLDS = 5;
/** Of the classes' centres, beside noise of unit width: nine in ten rows can be told. */
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
  // Uniform noise of unit deviation: a normal one takes longer to draw than the row takes to train.
  return (label) => {
    for (let d = 0; d < dims; d++) row[d] = (centres[label * dims + d] as number) + 3.46 * (uniform() - 0.5);
    return row;
  };
}
