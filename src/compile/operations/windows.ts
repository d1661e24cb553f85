// Windows over images [batch, channels, height, width]: their places, and what convolutions and pools compute from them.
import type { Window } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { listAttribute, numberAttribute, placeOf, textAttribute } from "./attributes.ts";

type Pair = readonly [number, number];

const pairAttribute = (node: GraphNode, name: string, fallback?: Pair): Pair => {
  const list = listAttribute(node, name, fallback);
  if (list.length === 2 && list.every((value) => Number.isInteger(value) && value >= 1)) return list as unknown as Pair;
  throw new CompileError(placeOf(node), `its attribute ${name} is [${list.join(", ")}]; expected [height, width]`);
};

/** Whether ONNX's attributes or those of the bundle describe it. */
export function windowOf(node: GraphNode, kernel: Pair | null, shape: Shape): Window {
  const size = kernel ?? pairAttribute(node, "kernel_shape");
  const strides = pairAttribute(node, "strides", [1, 1]);
  const dilations = pairAttribute(node, "dilations", [1, 1]);
  if (numberAttribute(node, "ceil_mode", 0) !== 0)
    throw new CompileError(placeOf(node), "its attribute ceil_mode is 1; 0 is covered");
  const rule = textAttribute(node, "auto_pad", "NOTSET");
  const pads =
    rule === "NOTSET"
      ? listAttribute(node, "pads", [0, 0, 0, 0])
      : automaticPads(node, rule, shape, size, strides, dilations);
  if (pads.length !== 4) throw new CompileError(placeOf(node), `its attribute pads has ${pads.length} numbers, not 4`);
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  return { kernel: size, strides, dilations, pads: [top, left, bottom, right] };
}

function automaticPads(
  node: GraphNode,
  rule: string,
  shape: Shape,
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
): number[] {
  if (rule === "VALID") return [0, 0, 0, 0];
  const both = [0, 1].map((axis) => {
    const size = numericDim(node, shape[axis + 2]);
    const stride = strides[axis] as number;
    const extent = ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    const less = Math.floor(total / 2);
    return rule === "SAME_LOWER" ? [total - less, less] : [less, total - less];
  });
  return [both[0]?.[0] ?? 0, both[1]?.[0] ?? 0, both[0]?.[1] ?? 0, both[1]?.[1] ?? 0];
}

export function numericDim(node: GraphNode, dim: Dim | undefined): number {
  if (typeof dim === "number") return dim;
  throw new CompileError(placeOf(node), `the height and the width of its image must be numbers; one is ${dim}`);
}

/** [height, width] of the output. */
export function outputSize(
  node: GraphNode,
  { kernel, strides, dilations, pads }: Window,
  shape: Shape,
): [number, number] {
  const along = (axis: 0 | 1): number => {
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const size = numericDim(node, shape[axis + 2]) + pads[axis] + (pads[axis + 2] as number);
    return Math.floor((size - extent) / strides[axis]) + 1;
  };
  const [height, width] = [along(0), along(1)];
  if (height >= 1 && width >= 1) return [height, width];
  throw new CompileError(placeOf(node), `its window does not fit into the image [${shape.join(", ")}]`);
}

/** For each output pixel and each place of the kernel, the pixel in an image of this size; −1: padding. */
export function windowPlaces({ kernel, strides, dilations, pads }: Window, from: Pair, to: Pair): Int32Array {
  const [rows, columns] = kernel;
  const places = new Int32Array(to[0] * to[1] * rows * columns);
  let at = 0;
  for (let y = 0; y < to[0]; y++)
    for (let x = 0; x < to[1]; x++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const fromY = y * strides[0] - pads[0] + row * dilations[0];
          const fromX = x * strides[1] - pads[1] + column * dilations[1];
          const isInside = fromY >= 0 && fromY < from[0] && fromX >= 0 && fromX < from[1];
          places[at++] = isInside ? fromY * from[1] + fromX : -1;
        }
  return places;
}
