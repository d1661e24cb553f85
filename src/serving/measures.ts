// Measures the position of a feature vector relative to the training's vectors: its distance from their mean, and its
// projections on a few fixed directions. Every kind of drift changes one of them; only a histogram of each is stored.
import { mix32 } from "../core/hash.ts";
import type { Scaler } from "../engine/heads/scaler.ts";

/** Directions of ±1 in every dimension, decided by the bits of a hash of the dimension (Achlioptas 2003). */
const DIRECTIONS = 4;
export const MEASURES = ["distance", ...Array.from({ length: DIRECTIONS }, (_, j) => `direction_${j + 1}`)] as const;

/** Mean squared deviation, then the projections, in the training's standard deviations. `features`: [dims]. */
export function measuresOf(features: Float32Array, { mean, inverse }: Scaler): number[] {
  let [squares, a, b, c, e] = [0, 0, 0, 0, 0]; // separate variables for speed: this runs for every prediction
  const dims = features.length;
  for (let d = 0; d < dims; d++) {
    const z = ((features[d] as number) - (mean[d] as number)) * (inverse[d] as number);
    const signs = signsOf(d);
    squares += z * z;
    a += signs & 1 ? z : -z;
    b += signs & 2 ? z : -z;
    c += signs & 4 ? z : -z;
    e += signs & 8 ? z : -z;
  }
  const root = Math.sqrt(dims);
  return [squares / dims, a / root, b / root, c / root, e / root];
}

/** Pseudo-random bits of a dimension, the same for every input. */
const signsOf = (dimension: number): number => mix32(dimension + 1) >>> 20;

/** The index of a value's bin among `edges.length + 1`; edges ascend. */
function binOf(edges: readonly number[], value: number): number {
  let bin = 0;
  while (bin < edges.length && value >= (edges[bin] as number)) bin++;
  return bin;
}

const BINS = 10;

export function countBins(edges: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binOf(edges, value)] = (counts[binOf(edges, value)] as number) + 1;
  return counts;
}

/** Edges that divide `values` into ten bins of equal count. */
export function decilesOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)] ?? 0);
}
