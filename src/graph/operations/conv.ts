// conv: activation(windows of x · weight + bias) + residual. The windows of a chunk of positions are gathered as rows of a product.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, rowsPerInput, type Shape, sameShape, shown } from "../extent.ts";
import { NUMBER } from "./costs.ts";
import { matrixOf, mustHave } from "./linear.ts";
import { type Forward, type Frame, type Node, OPTIONAL_FLOATS, type OperationSpec } from "./operation.ts";
import {
  multiplyChunk,
  multiplyRows,
  PANELS,
  type Product,
  productCost,
  productOf,
  productScratch,
  rowsAtOnce,
} from "./products.ts";
import { GEOMETRY_BYTES, imageOf, mustTouch, windowsOf, writeGeometry } from "./windows.ts";

export const conv: OperationSpec<"conv"> = {
  inputs: [1, 2],
  weights: { weight: PANELS, bias: OPTIONAL_FLOATS, smooth: OPTIONAL_FLOATS },
  shape({ inputs: [x, residual], weights, attributes }) {
    const image = imageOf(x as Shape);
    const [inputs, outputs] = matrixOf(weights.weight);
    const [high, wide] = attributes.kernel;
    const expected = high * wide * image.channels;
    must(inputs === expected, `windows of ${expected} numbers do not fit a matrix with ${inputs} rows`);
    mustHave("bias", weights.bias, outputs);
    mustHave("smooth", weights.smooth, inputs);
    mustTouch(attributes);
    const output = ["batch", ...windowsOf(image, attributes), outputs] as const;
    must(!residual || sameShape(residual, output), `the residual ${shown(residual ?? [])} is not ${shown(output)}`);
    return output;
  },
  cost(node, { batch }) {
    const product = productOf(node);
    if (isPointwise(node)) return productCost(product, batch * positionsOf(node));
    return batch * (productCost(product, positionsOf(node)) + positionsOf(node) * gatherCost(product));
  },
  scratch(node) {
    const product = productOf(node);
    if (isPointwise(node)) return productScratch(product);
    return productScratch(product) + GEOMETRY_BYTES + gatheredBytes(product);
  },
  *forward(node, frame) {
    const product = productOf(node);
    const [x = 0, residual = 0] = frame.inputs;
    const { heap, output, scratch, extent } = frame;
    if (isPointwise(node)) {
      const rows = extent.batch * positionsOf(node);
      yield* multiplyRows(heap.kernels, product, { x, residual, out: output, rows, scratch });
    } else yield* convolve(node, product, frame);
  },
};

/** Whether each position is a row of the product as it is. */
const isPointwise = ({ attributes: { kernel, strides, pads } }: Node<"conv">): boolean =>
  [...kernel, ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0);

const positionsOf = ({ inputs: [x], attributes }: Node<"conv">): number =>
  windowsOf(imageOf(x as Shape), attributes).reduce((product, size) => product * size, 1);

/** The work of gathering a window. */
const gatherCost = ({ inputs }: Product): number => inputs * NUMBER;
const gatheredBytes = (product: Product): number => rowsAtOnce(product) * product.inputs * BYTES_OF_NUMBER;

/** Scratch: the geometry, the windows of a chunk, then what a product needs. */
function* convolve(node: Node<"conv">, product: Product, frame: Frame): Forward {
  const { heap, extent, scratch } = frame;
  const [x = 0, residual = 0] = frame.inputs;
  const shape = node.inputs[0] as Shape;
  const [image, positions] = [imageOf(shape), positionsOf(node)];
  const imageBytes = rowsPerInput(shape) * image.channels * BYTES_OF_NUMBER;
  const windows = scratch + GEOMETRY_BYTES;
  writeGeometry(heap, scratch, image, node.attributes);
  const most = rowsAtOnce(product);
  for (let input = 0; input < extent.batch; input++)
    for (let from = 0; from < positions; from += most) {
      const rows = Math.min(most, positions - from);
      heap.kernels.gatherWindows(x + input * imageBytes, scratch, windows, from, from + rows);
      yield rows * gatherCost(product);
      const beside = (input * positions + from) * product.outputs * BYTES_OF_NUMBER;
      yield* multiplyChunk(heap.kernels, product, {
        x: windows,
        residual: residual === 0 ? 0 : residual + beside,
        out: frame.output + beside,
        rows,
        scratch: windows + gatheredBytes(product),
      });
    }
}
