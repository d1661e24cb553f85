// layer-norm: normalises x + residual over its last axis, then scales and shifts each channel.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, rowsOf, type Shape, sameShape, shown, widthOf } from "../extent.ts";
import { itemsAStep, NUMBER } from "./costs.ts";
import { mustHave } from "./linear.ts";
import { addressOf, FLOATS, NO_SCRATCH, type OperationSpec } from "./operation.ts";

const PASSES = 3;

export const layerNorm: OperationSpec<"layer-norm"> = {
  inputs: [1, 2],
  weights: { gamma: FLOATS, beta: FLOATS },
  shape({ inputs: [x, residual], weights }) {
    const shape = x as Shape;
    const width = widthOf(shape);
    must(width % 4 === 0, `rows of ${width} numbers are not covered: the width must be a multiple of 4`);
    mustHave("gamma", weights.gamma, width);
    mustHave("beta", weights.beta, width);
    must(!residual || sameShape(residual, shape), `the residual ${shown(residual ?? [])} is not ${shown(shape)}`);
    return shape;
  },
  cost: ({ inputs }, extent) => rowsOf(inputs[0] as Shape, extent) * costOfRow(widthOf(inputs[0] as Shape)),
  scratch: NO_SCRATCH,
  *forward(node, { heap, extent, inputs: [x = 0, residual = 0], output }) {
    const shape = node.inputs[0] as Shape;
    const [rows, width] = [rowsOf(shape, extent), widthOf(shape)];
    const [gamma, beta] = [addressOf(node, "gamma"), addressOf(node, "beta")];
    const atOnce = itemsAStep(costOfRow(width));
    for (let from = 0; from < rows; from += atOnce) {
      const count = Math.min(atOnce, rows - from);
      const at = from * width * BYTES_OF_NUMBER;
      const beside = residual === 0 ? 0 : residual + at;
      heap.kernels.layerNorm(x + at, beside, gamma, beta, output + at, count, width, node.attributes.epsilon);
      yield count * costOfRow(width);
    }
  },
};

const costOfRow = (width: number): number => PASSES * NUMBER * width;
