// A part of the feature as the Worker makes it from the activations at a tap.
import type { Pooling } from "../../contract/bundle/operations.ts";
import { countOf, type Tensor } from "../tensor.ts";

/** Pools the first input: [1, rows, width], [1, channels, height, width] or [1, width]. */
export function pooled(value: Tensor, pooling: Pooling): Float64Array {
  const isImage = value.shape.length === 4;
  const width = (isImage ? value.shape[1] : value.shape.at(-1)) as number;
  const rows = countOf(value.shape) / width;
  const at = (row: number, channel: number): number =>
    value.data[isImage ? channel * rows + row : row * width + channel] as number;
  const each = (reduce: (channel: number) => number): number[] => Array.from({ length: width }, (_, c) => reduce(c));
  const mean = (channel: number): number => sumOver(rows, (row) => at(row, channel)) / rows;
  const max = (channel: number): number => maxOver(rows, (row) => at(row, channel));
  const parts: Readonly<Record<Pooling, () => number[]>> = {
    mean: () => each(mean),
    max: () => each(max),
    "mean-max": () => [...each(mean), ...each(max)],
    first: () => each((channel) => at(0, channel)),
    last: () => each((channel) => at(rows - 1, channel)),
  };
  return Float64Array.from(parts[pooling]());
}

function sumOver(count: number, value: (at: number) => number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += value(at);
  return sum;
}

function maxOver(count: number, value: (at: number) => number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) most = Math.max(most, value(at));
  return most;
}

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    sumOver(x.length, (at) => (x[at] as number) * (y[at] as number));
  const sizes = Math.sqrt(dot(a, a) * dot(b, b));
  return sizes === 0 ? 1 : dot(a, b) / sizes;
}
