// Images [batch, height, width, channels] for tests, and their windows by plain loops.
import type { Size, WeightFormat } from "../../src/contract/bundle/bundle.ts";
import type { Window } from "../../src/contract/bundle/operations.ts";
import { normals, seededRandom } from "./random.ts";
import type { GivenInput, GivenWeight } from "./run-operation.ts";

export type Extents = readonly [height: number, width: number, channels: number];

export const BATCH = 3;
const numbers = (shape: readonly Size[], batch: number): number =>
  shape.reduce<number>((count, size) => count * (typeof size === "number" ? size : 1), batch);

export const given = (shape: readonly Size[], seed: number, batch = BATCH): GivenInput => ({
  shape,
  values: normals(seededRandom(seed), numbers(shape, batch)),
});
export const image = (extents: Extents, seed = 1, batch = BATCH): GivenInput =>
  given(["batch", ...extents], seed, batch);

export const weightOf = (format: WeightFormat, shape: readonly number[], seed: number): GivenWeight => ({
  format,
  shape,
  values: normals(seededRandom(seed), numbers(shape, 1), 0.3),
});

export const outExtents = (
  [height, width]: Extents,
  { kernel, strides, dilations, pads }: Window,
): [number, number] => [
  Math.floor((height + pads[0] + pads[2] - dilations[0] * (kernel[0] - 1) - 1) / strides[0]) + 1,
  Math.floor((width + pads[1] + pads[3] - dilations[1] * (kernel[1] - 1) - 1) / strides[1]) + 1,
];

/** The values [place][channel] of a window; null: outside the image. */
function windowAt(
  { values }: GivenInput,
  [height, width, channels]: Extents,
  { kernel, strides, dilations, pads }: Window,
  [input, oy, ox]: readonly [number, number, number],
): (number[] | null)[] {
  const places: (number[] | null)[] = [];
  for (let ky = 0; ky < kernel[0]; ky++)
    for (let kx = 0; kx < kernel[1]; kx++) {
      const y = oy * strides[0] - pads[0] + ky * dilations[0];
      const x = ox * strides[1] - pads[1] + kx * dilations[1];
      const first = ((input * height + y) * width + x) * channels;
      const isInside = y >= 0 && y < height && x >= 0 && x < width;
      places.push(isInside ? [...values.slice(first, first + channels)] : null);
    }
  return places;
}

/** What `each` makes of every window, in the order of the output. */
export function overWindows(
  input: GivenInput,
  extents: Extents,
  window: Window,
  each: (places: (number[] | null)[]) => number[],
): number[] {
  const [high, wide] = outExtents(extents, window);
  const result: number[] = [];
  for (let at = 0; at < BATCH; at++)
    for (let oy = 0; oy < high; oy++)
      for (let ox = 0; ox < wide; ox++) result.push(...each(windowAt(input, extents, window, [at, oy, ox])));
  return result;
}
