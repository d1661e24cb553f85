// The Hessian of a linear head by its diagonal, once features are counted from where the bias has taken up what they have in
// common: a guide for the optimiser where dimensions are too many for a Gram matrix, and for each output what a matrix that
// all share has too much or too little of.
import { SLAB } from "../tensor/products.ts";
import type { Spread } from "./heads/scaler.ts";

/** How rows vary as the loss of each output sees them: weighted by its second derivative. */
export interface Diagonal {
  /** [slabs · 8]: the mean of those weights. */
  readonly curvature: Float32Array;
  /** [slabs][dims][8]: the mean of each dimension, weighted so. One slab, [dims][8], where it is the same for all outputs. */
  readonly mean: Float32Array;
  /** As `mean`: the variance about it, times the curvature. */
  readonly variance: Float32Array;
  /** Whether it was measured where a fit stood, or is what fits begin with. */
  readonly isMeasured: boolean;
}

/** Strength below which rounding makes a matrix indefinite, or a dimension without variance infinitely long. */
export const LEAST_RIDGE = 1e-7;

/** For outputs [slabs · 8] that all weigh every row alike. dims: padded. */
export const evenDiagonal = (spread: Spread, curvature: number, dims: number, outputs: number): Diagonal => ({
  curvature: new Float32Array(outputs).fill(curvature),
  mean: oneSlab(spread.mean, 1, dims),
  variance: oneSlab(spread.variance, curvature, dims),
  isMeasured: false,
});

function oneSlab(values: Float32Array, factor: number, dims: number): Float32Array {
  const slab = new Float32Array(dims * SLAB);
  for (const [d, value] of values.entries()) slab.fill(factor * value, d * SLAB, (d + 1) * SLAB);
  return slab;
}

/** The part of `values` that is of the slab at `from` of the weights, which all outputs may share. */
const slabAt = (values: Float32Array, from: number, slab: number): Float32Array =>
  values.length === slab ? values : values.subarray(from, from + slab);

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
  const slab = slabLength(gradient.length, diagonal);
  return aboutMeans(diagonal, gradient, (weights) => {
    for (let from = 0; from < weights.length; from += slab)
      divideSlab(weights.subarray(from, from + slab), slabAt(variance, from, slab), ridge);
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
  const at = step.length - curvature.length;
  const [weights, biases] = [step.subarray(0, at), step.subarray(at)];
  const slab = slabLength(step.length, { curvature });
  for (let k = 0, from = 0; from < at; k += SLAB, from += slab)
    centreSlab(weights.subarray(from, from + slab), slabAt(mean, from, slab), biases.subarray(k, k + SLAB));
  solve(weights);
  for (let k = 0; k < biases.length; k++) {
    const from = Math.floor(k / SLAB) * slab;
    const along = alongColumn(weights.subarray(from, from + slab), slabAt(mean, from, slab), k % SLAB);
    biases[k] = (biases[k] as number) / (curvature[k] as number) - along;
  }
  return step;
}

/** Numbers of eight outputs among the weights. */
const slabLength = (parameters: number, { curvature }: Pick<Diagonal, "curvature">): number =>
  SLAB * (parameters / curvature.length - 1);

function divideSlab(weights: Float32Array, variance: Float32Array, ridge: number): void {
  for (let at = 0; at < weights.length; at++)
    weights[at] = (weights[at] as number) / ((variance[at] as number) + ridge);
}

/** Takes from weights of a gradient, in place, what each output's bias has of every dimension's mean. */
function centreSlab(weights: Float32Array, mean: Float32Array, biases: Float32Array): void {
  for (let at = 0; at < weights.length; at++)
    weights[at] = (weights[at] as number) - (mean[at] as number) * (biases[at % SLAB] as number);
}

/** Σ over dimensions of two slabs, for one of their outputs. */
function alongColumn(x: Float32Array, y: Float32Array, output: number): number {
  let sum = 0;
  for (let at = output; at < x.length; at += SLAB) sum += (x[at] as number) * (y[at] as number);
  return sum;
}
