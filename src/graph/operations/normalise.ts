// normalise: divides each row by its L2 norm, or by epsilon where the norm is smaller.
import { BYTES_OF_NUMBER, rowsOf, type Shape, widthOf } from "../extent.ts";
import { itemsAStep, NUMBER } from "./costs.ts";
import { NO_SCRATCH, type OperationSpec } from "./operation.ts";

const PASSES = 2;

export const normalise: OperationSpec<"normalise"> = {
  inputs: [1, 1],
  weights: {},
  shape: ({ inputs: [x] }) => x as Shape,
  cost: ({ inputs: [x] }, extent) => rowsOf(x as Shape, extent) * widthOf(x as Shape) * PASSES * NUMBER,
  scratch: NO_SCRATCH,
  *forward({ inputs: [x], attributes }, { heap, extent, inputs: [from = 0], output }) {
    const [rows, width] = [rowsOf(x as Shape, extent), widthOf(x as Shape)];
    const costOfRow = width * PASSES * NUMBER;
    const atOnce = itemsAStep(costOfRow);
    for (let row = 0; row < rows; row += atOnce) {
      const [at, count] = [row * width * BYTES_OF_NUMBER, Math.min(atOnce, rows - row)];
      heap.kernels.normalise(from + at, output + at, count, width, attributes.epsilon);
      yield count * costOfRow;
    }
  },
};
