// pool: one row for each input: the mean or maximum of its rows, both, or its first or last row.
import type { Pooling } from "../../contract/bundle/operations.ts";
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, type Extent, hasTokens, rowsOf, rowsPerInput, type Shape, widthOf } from "../extent.ts";
import type { Heap } from "../heap.ts";
import { NUMBER } from "./costs.ts";
import { NO_SCRATCH, type OperationSpec } from "./operation.ts";

export const pool: OperationSpec<"pool"> = {
  inputs: [1, 1],
  weights: {},
  shape({ inputs: [x], attributes: { kind } }) {
    const shape = x as Shape;
    must(typeof shape.at(-1) === "number", "ids cannot be pooled");
    return ["batch", pooledWidth(kind, shape)];
  },
  cost: ({ inputs: [x] }, extent) => rowsOf(x as Shape, extent) * widthOf(x as Shape) * NUMBER,
  scratch: NO_SCRATCH,
  *forward({ inputs: [x], attributes: { kind } }, { heap, extent, inputs: [from = 0], output }) {
    const shape = x as Shape;
    const rowBytes = widthOf(shape) * BYTES_OF_NUMBER;
    const outBytes = pooledWidth(kind, shape) * BYTES_OF_NUMBER;
    let at = from;
    for (const [input, rows] of rowsOfInputs(shape, extent).entries()) {
      reduceRows(heap, kind, { x: at, out: output + input * outBytes, rows, width: widthOf(shape) });
      at += rows * rowBytes;
      yield rows * widthOf(shape) * NUMBER;
    }
  },
};

export const pooledWidth = (kind: Pooling, shape: Shape): number =>
  kind === "mean-max" ? 2 * widthOf(shape) : widthOf(shape);

const rowsOfInputs = (shape: Shape, { batch, lengths }: Extent): readonly number[] =>
  hasTokens(shape) ? lengths : Array.from({ length: batch }, () => rowsPerInput(shape));

interface Rows {
  readonly x: number;
  readonly out: number;
  readonly rows: number;
  readonly width: number;
}

function reduceRows({ kernels }: Heap, kind: Pooling, { x, out, rows, width }: Rows): void {
  const rowBytes = width * BYTES_OF_NUMBER;
  if (kind === "mean" || kind === "mean-max") kernels.meanRows(x, out, rows, width);
  if (kind === "mean-max") kernels.maxRows(x, out + rowBytes, rows, width);
  if (kind === "max") kernels.maxRows(x, out, rows, width);
  if (kind === "first") kernels.meanRows(x, out, 1, width);
  if (kind === "last") kernels.meanRows(x + (rows - 1) * rowBytes, out, 1, width);
}
