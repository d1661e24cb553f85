// linear: activation(x · weight + bias) + residual, for each row.
import { must } from "../bundle-problem.ts";
import { rowsOf, type Shape, sameShape, shown, widthOf } from "../extent.ts";
import { OPTIONAL_FLOATS, type OperationSpec, type PlacedWeight } from "./operation.ts";
import { multiplyRows, PANELS, productCost, productOf, productScratch } from "./products.ts";

export const linear: OperationSpec<"linear"> = {
  inputs: [1, 2],
  weights: { weight: PANELS, bias: OPTIONAL_FLOATS, smooth: OPTIONAL_FLOATS },
  shape({ inputs: [x, residual], weights }) {
    const shape = x as Shape;
    const [inputs, outputs] = matrixOf(weights.weight);
    must(widthOf(shape) === inputs, `rows of ${widthOf(shape)} numbers do not fit a matrix with ${inputs} rows`);
    mustHave("bias", weights.bias, outputs);
    mustHave("smooth", weights.smooth, inputs);
    const output = [...shape.slice(0, -1), outputs];
    must(!residual || sameShape(residual, output), `the residual ${shown(residual ?? [])} is not ${shown(output)}`);
    return output;
  },
  cost: (node, extent) => productCost(productOf(node), rowsOf(node.inputs[0] as Shape, extent)),
  scratch: (node) => productScratch(productOf(node)),
  forward: (node, { heap, extent, inputs: [x, residual], output, scratch }) =>
    multiplyRows(heap.kernels, productOf(node), {
      x: x as number,
      residual: residual ?? 0,
      out: output,
      rows: rowsOf(node.inputs[0] as Shape, extent),
      scratch,
    }),
};

export function matrixOf(weight: PlacedWeight | undefined): readonly [number, number] {
  const { shape = [] } = weight ?? {};
  must(shape.length === 2, `the weight ${shown(shape)} is not a matrix`);
  return shape as unknown as readonly [number, number];
}

/** A weight of one number for each of `count` channels, unless it is absent. */
export function mustHave(role: string, weight: PlacedWeight | undefined, count: number): void {
  if (weight) must(sameShape(weight.shape, [count]), `"${role}" is ${shown(weight.shape)}, not [${count}]`);
}
