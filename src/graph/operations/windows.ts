// The geometry of windows over images, shared by `conv`, `depthwise` and `window-pool`.
import type { Window } from "../../contract/bundle/operations.ts";
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, type Shape, shown } from "../extent.ts";
import type { Heap } from "../heap.ts";

/** Bytes of a geometry in scratch. */
export const GEOMETRY_BYTES = 64;

export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export function imageOf(shape: Shape): Image {
  const [, height, width, channels] = shape;
  const isImage = typeof height === "number" && typeof width === "number" && typeof channels === "number";
  must(isImage && shape[0] === "batch", `${shown(shape)} is not an image [batch, height, width, channels]`);
  return { height, width, channels };
}

/** The height and width of an output. */
export function windowsOf({ height, width }: Image, { kernel, strides, dilations, pads }: Window): readonly number[] {
  const [top, left, bottom, right] = pads;
  const count = (size: number, axis: 0 | 1): number =>
    Math.floor((size - dilations[axis] * (kernel[axis] - 1) - 1) / strides[axis]) + 1;
  const sizes = [count(height + top + bottom, 0), count(width + left + right, 1)];
  must(
    sizes.every((size) => size > 0),
    `windows of ${kernel.join(" × ")} do not fit an image of ${height} × ${width}`,
  );
  return sizes;
}

/** Refuses windows that are wholly outside the image: they have no mean, and kernels would begin far outside. */
export function mustTouch({ kernel, dilations, pads }: Window): void {
  const [top, left, bottom, right] = pads;
  const [down, across] = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)];
  const touches = Math.max(top, bottom) <= down && Math.max(left, right) <= across;
  must(touches, `pads of ${pads.join(", ")} are larger than the windows`);
}

/** Writes the geometry where kernels read it. */
export function writeGeometry(heap: Heap, address: number, { height, width, channels }: Image, window: Window): void {
  const { kernel, strides, dilations, pads } = window;
  const [top, left] = pads;
  const across = windowsOf({ height, width, channels }, window)[1] as number;
  heap
    .ints(address, GEOMETRY_BYTES / BYTES_OF_NUMBER)
    .set([height, width, channels, ...kernel, ...strides, ...dilations, top, left, across]);
}
