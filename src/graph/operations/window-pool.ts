// window-pool: the mean or maximum of each window. What is outside the image does not count.
import { BYTES_OF_NUMBER, rowsPerInput, type Shape } from "../extent.ts";
import { itemsAStep, NUMBER } from "./costs.ts";
import type { Node, OperationSpec } from "./operation.ts";
import { GEOMETRY_BYTES, imageOf, mustTouch, windowsOf, writeGeometry } from "./windows.ts";

export const windowPool: OperationSpec<"window-pool"> = {
  inputs: [1, 1],
  weights: {},
  shape({ inputs: [x], attributes }) {
    const image = imageOf(x as Shape);
    mustTouch(attributes);
    return ["batch", ...windowsOf(image, attributes), image.channels];
  },
  cost: (node, { batch }) => batch * positionsOf(node) * positionCost(node),
  scratch: () => GEOMETRY_BYTES,
  *forward(node, { heap, extent, inputs: [x = 0], output, scratch }) {
    const shape = node.inputs[0] as Shape;
    const image = imageOf(shape);
    const imageBytes = rowsPerInput(shape) * image.channels * BYTES_OF_NUMBER;
    const positions = positionsOf(node);
    writeGeometry(heap, scratch, image, node.attributes);
    const atOnce = itemsAStep(positionCost(node));
    for (let input = 0; input < extent.batch; input++)
      for (let from = 0; from < positions; from += atOnce) {
        const to = Math.min(positions, from + atOnce);
        const out = output + (input * positions + from) * image.channels * BYTES_OF_NUMBER;
        heap.kernels.poolWindows(x + input * imageBytes, scratch, out, from, to, node.attributes.kind === "max");
        yield (to - from) * positionCost(node);
      }
  },
};

const positionsOf = ({ inputs: [x], attributes }: Node<"window-pool">): number =>
  windowsOf(imageOf(x as Shape), attributes).reduce((product, size) => product * size, 1);

const positionCost = ({ inputs: [x], attributes: { kernel } }: Node<"window-pool">): number =>
  (kernel[0] * kernel[1] + 1) * imageOf(x as Shape).channels * NUMBER;
