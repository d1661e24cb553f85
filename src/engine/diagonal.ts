// The Hessian of a linear head by its diagonal, once features are counted from where the bias has taken up what they have in
// common: a guide for the optimiser where dimensions are too many for a Gram matrix, and for each output what a matrix that
// all share has too much or too little of.
import { SLAB } from "../tensor/products.ts";
import type { Spread } from "./heads/scaler.ts";

/** How rows vary as the loss of each output sees them: weighted by its second derivative. */
export interface Diagonal {
  /** [slabs · 8]: the mean of those weights. */
  readonly curvature: Float32Array;
  /** [slabs][dims][8]: the mean of each dimension, weighted so. */
  readonly mean: Float32Array;
  /** [slabs][dims][8]: the variance about it, times the curvature. */
  readonly variance: Float32Array;
  /** Whether it was measured where a fit stood, or is what fits begin with. */
  readonly isMeasured: boolean;
}

/** Strength below which rounding makes a matrix indefinite, or a dimension without variance infinitely long. */
export const LEAST_RIDGE = 1e-7;

/** For outputs [slabs · 8] that all weigh every row alike. dims: padded. */
export function evenDiagonal({ mean, variance }: Spread, curvature: number, dims: number, outputs: number): Diagonal {
  const laidOut = (values: Float32Array, factor: number): Float32Array => {
    const slab = new Float32Array(dims * SLAB);
    for (const [d, value] of values.entries()) slab.fill(factor * value, d * SLAB, (d + 1) * SLAB);
    return repeated(slab, outputs / SLAB);
  };
  return {
    ...{ curvature: new Float32Array(outputs).fill(curvature), mean: laidOut(mean, 1) },
    ...{ variance: laidOut(variance, curvature), isMeasured: false },
  };
}

function repeated(values: Float32Array, times: number): Float32Array {
  const out = new Float32Array(times * values.length);
  for (let at = 0; at < out.length; at += values.length) out.set(values, at);
  return out;
}

/** An output that no row is undecided about any more: its bias must not be sent to infinity. */
const LEAST_CURVATURE = 1e-6;
/** Of a mean square, what rounding leaves of the variance at least. */
const LEAST_VARIANCE = 1e-4;

/** From sums [Σ v·x | Σ v·x² | Σ v] over `rows`, v being the weight of a row for an output. dims: padded. */
export function diagonalOf(sums: Float32Array, rows: number, dims: number): Diagonal {
  const outputs = sums.length / (2 * dims + 1);
  const weights = outputs * dims;
  const curvature = sums.slice(2 * weights).map((sum) => Math.max(sum / rows, LEAST_CURVATURE));
  const [mean, variance] = [new Float32Array(weights), new Float32Array(weights)];
  for (let k = 0; k < outputs; k += SLAB) {
    const slab = (values: Float32Array, from = 0) => values.subarray(from + k * dims, from + (k + SLAB) * dims);
    measureSlab(slab(sums), slab(sums, weights), rows, curvature.subarray(k), slab(mean), slab(variance));
  }
  return { curvature, mean, variance, isMeasured: true };
}

/** A slab at a time: a loop over all of them would be interpreted for most of its way, where this is compiled after a few. */
function measureSlab(
  first: Float32Array,
  second: Float32Array,
  rows: number,
  curvature: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
): void {
  for (let at = 0; at < first.length; at++) {
    const sum = (first[at] as number) / rows;
    const square = (second[at] as number) / rows;
    mean[at] = sum / (curvature[at % SLAB] as number);
    variance[at] = Math.max(square - sum * (mean[at] as number), LEAST_VARIANCE * square);
  }
}

/**
 * The numbers D by which the inverse M of a matrix that all outputs share becomes each output's own guide, D·M·D: where the
 * matrix is its diagonal alone, the inverse of the one measured. [slabs][dims][8], as weights are.
 * `shared` [dims]: the diagonal of the matrix, without l2.
 */
export function stretchOf({ variance }: Diagonal, shared: Float64Array, l2: number): Float32Array {
  const ridge = Math.max(l2, LEAST_RIDGE);
  const stretch = new Float32Array(variance.length);
  for (let at = 0, d = 0; at < stretch.length; d = (d + 1) % shared.length) {
    const common = (shared[d] as number) + ridge;
    for (const end = at + SLAB; at < end; at++) stretch[at] = Math.sqrt(common / ((variance[at] as number) + ridge));
  }
  return stretch;
}

/** The inverse of (diagonal + l2 on weights) times a gradient. */
export function inverseTimes(diagonal: Diagonal, l2: number, gradient: Float32Array): Float32Array {
  const { variance } = diagonal;
  const ridge = Math.max(l2, LEAST_RIDGE);
  return aboutMeans(diagonal, gradient, (weights) => {
    for (let at = 0; at < weights.length; at++)
      weights[at] = (weights[at] as number) / ((variance[at] as number) + ridge);
  });
}

/**
 * A step from a gradient, both of weights and then biases. `solve` turns the weights' part of the one into that of the other,
 * in place, for features counted from their means: to it, and back, goes the change of variables b' = b + Wᵀ·mean.
 */
export function aboutMeans(
  { curvature, mean }: Diagonal,
  gradient: Float32Array,
  solve: (weights: Float32Array) => void,
): Float32Array {
  const step = gradient.slice();
  const [weights, biases] = [step.subarray(0, mean.length), step.subarray(mean.length)];
  centre(weights, mean, biases);
  solve(weights);
  for (let k = 0; k < biases.length; k++) {
    biases[k] = (biases[k] as number) / (curvature[k] as number) - alongColumn(weights, mean, k, biases.length);
  }
  return step;
}

/** Takes from weights of a gradient, in place, what each output's bias has of every dimension's mean. */
function centre(weights: Float32Array, mean: Float32Array, biases: Float32Array): void {
  const slab = (mean.length / biases.length) * SLAB;
  for (let k = 0, from = 0; from < weights.length; k += SLAB, from += slab)
    for (let at = from; at < from + slab; at++)
      weights[at] = (weights[at] as number) - (mean[at] as number) * (biases[k + (at % SLAB)] as number);
}

/** Σ over dimensions of two sets of weights, for output `k`. */
function alongColumn(x: Float32Array, y: Float32Array, k: number, outputs: number): number {
  const slab = (y.length / outputs) * SLAB;
  let sum = 0;
  for (let from = Math.floor(k / SLAB) * slab + (k % SLAB), at = from; at < from + slab; at += SLAB)
    sum += (x[at] as number) * (y[at] as number);
  return sum;
}
