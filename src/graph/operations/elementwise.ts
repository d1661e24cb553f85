// add and multiply: number by number, or an image with a row of channels for each input.
import { must } from "../bundle-problem.ts";
import {
  BYTES_OF_NUMBER,
  type Extent,
  rowsOf,
  rowsPerInput,
  type Shape,
  sameShape,
  shown,
  widthOf,
} from "../extent.ts";
import { activate, activationCost } from "./activation.ts";
import { itemsAStep, NUMBER } from "./costs.ts";
import { NO_SCRATCH, type Node, type OperationSpec } from "./operation.ts";

type Name = "add" | "multiply";

/** The kernel for a row of channels. */
const ROW_KERNELS = { add: "addRow", multiply: "multiplyRow" } as const;

const elementwise = (name: Name): OperationSpec<Name> => ({
  inputs: [2, 2],
  weights: {},
  shape({ inputs: [a, b] }) {
    const [shape, other] = [a as Shape, b as Shape];
    const fits = sameShape(shape, other) || isRow(shape, other);
    must(fits && typeof shape.at(-1) === "number", `${shown(other)} fits neither ${shown(shape)} nor its channels`);
    return shape;
  },
  cost: (node, extent) => numbersOf(node, extent) * numberCost(node),
  scratch: NO_SCRATCH,
  *forward(node, { heap: { kernels }, extent, inputs: [a = 0, b = 0], output }) {
    const [shape, other] = node.inputs as [Shape, Shape];
    const isWhole = sameShape(shape, other);
    const width = widthOf(shape);
    const [parts, rows] = isWhole ? [1, rowsOf(shape, extent)] : [extent.batch, rowsPerInput(shape)];
    const atOnce = itemsAStep(width * numberCost(node), 4);
    for (let part = 0; part < parts; part++)
      for (let from = 0; from < rows; from += atOnce) {
        const count = Math.min(atOnce, rows - from);
        const at = (part * rows + from) * width * BYTES_OF_NUMBER;
        if (isWhole) kernels[name](a + at, b + at, output + at, count * width);
        else kernels[ROW_KERNELS[name]](a + at, b + part * width * BYTES_OF_NUMBER, output + at, count, width);
        activate(kernels, node.attributes.activation, output + at, count * width);
        yield count * width * numberCost(node);
      }
  },
});

const isRow = (shape: Shape, other: Shape): boolean =>
  shape.length === 4 && sameShape(other, ["batch", widthOf(shape)]);

const numbersOf = ({ inputs: [a] }: Node<Name>, extent: Extent): number =>
  rowsOf(a as Shape, extent) * widthOf(a as Shape);

const numberCost = ({ attributes }: Node<Name>): number => NUMBER + activationCost(attributes.activation);

export const add = elementwise("add");
export const multiply = elementwise("multiply");
