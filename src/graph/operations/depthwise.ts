// depthwise: activation(window of each channel · weight + bias).
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, rowsPerInput, type Shape, sameShape, shown } from "../extent.ts";
import { activate, activationCost, boundsOf, isBound } from "./activation.ts";
import { itemsAStep, NUMBER } from "./costs.ts";
import { mustHave } from "./linear.ts";
import { addressOf, FLOATS, type Node, OPTIONAL_FLOATS, type OperationSpec } from "./operation.ts";
import { GEOMETRY_BYTES, imageOf, mustTouch, windowsOf, writeGeometry } from "./windows.ts";

/** A multiplication of float32, with its loads. */
const MULTIPLICATION = 6;

export const depthwise: OperationSpec<"depthwise"> = {
  inputs: [1, 1],
  weights: { weight: FLOATS, bias: OPTIONAL_FLOATS },
  shape({ inputs: [x], weights, attributes }) {
    const image = imageOf(x as Shape);
    const [high, wide] = attributes.kernel;
    const expected = [high * wide, image.channels];
    const given = weights.weight?.shape ?? [];
    must(sameShape(given, expected), `the weight ${shown(given)} is not ${shown(expected)}`);
    mustHave("bias", weights.bias, image.channels);
    mustTouch(attributes);
    return ["batch", ...windowsOf(image, attributes), image.channels];
  },
  cost(node, { batch }) {
    const [high = 0] = windowsOf(imageOf(node.inputs[0] as Shape), node.attributes);
    return batch * high * rowCost(node);
  },
  scratch: () => GEOMETRY_BYTES,
  *forward(node, { heap, extent, inputs: [x = 0], output, scratch }) {
    const { attributes } = node;
    const shape = node.inputs[0] as Shape;
    const image = imageOf(shape);
    const [high = 0, wide = 0] = windowsOf(image, attributes);
    const [imageBytes, rowNumbers] = [rowsPerInput(shape) * image.channels * BYTES_OF_NUMBER, wide * image.channels];
    const [weight, bias] = [addressOf(node, "weight"), addressOf(node, "bias")];
    const [least, most] = boundsOf(attributes.activation);
    writeGeometry(heap, scratch, image, attributes);
    const atOnce = itemsAStep(rowCost(node));
    for (let input = 0; input < extent.batch; input++)
      for (let from = 0; from < high; from += atOnce) {
        const to = Math.min(high, from + atOnce);
        const out = output + (input * high + from) * rowNumbers * BYTES_OF_NUMBER;
        heap.kernels.depthwise(x + input * imageBytes, scratch, weight, bias, out, from, to, least, most);
        if (!isBound(attributes.activation))
          activate(heap.kernels, attributes.activation, out, (to - from) * rowNumbers);
        yield (to - from) * rowCost(node);
      }
  },
};

/** The work of a row of the output. */
function rowCost({ inputs: [x], attributes }: Node<"depthwise">): number {
  const image = imageOf(x as Shape);
  const [, wide = 0] = windowsOf(image, attributes);
  const [high, across] = attributes.kernel;
  return wide * image.channels * (high * across * MULTIPLICATION + NUMBER + activationCost(attributes.activation));
}
