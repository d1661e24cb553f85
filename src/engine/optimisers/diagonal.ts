// The diagonal of a linear head's Hessian, with each output's features centred so that the bias decouples from the weights. It
// preconditions the optimiser where dimensions are too many for a Gram matrix, and corrects a shared matrix for each output.
import { SLAB } from "../../tensor/products.ts";
import type { Spread } from "../heads/scaler.ts";

/** Feature variation weighted by the second derivative of the loss with respect to each output. */
export interface Diagonal {
  /** [slabs · 8]: the mean second derivative of each output. */
  readonly curvature: Float32Array;
  /** [slabs][dims][8]: the weighted mean of each dimension. One slab, [dims][8], where it is the same for all outputs. */
  readonly mean: Float32Array;
  /** Same layout as `mean`: the variance around that mean, times the curvature. */
  readonly variance: Float32Array;
  /** Whether it was measured at the current point of a fit; false for the initial estimate. */
  readonly isMeasured: boolean;
}

/** Strength below which rounding makes a matrix indefinite, or gives an infinite step in a dimension without variance. */
export const LEAST_RIDGE = 1e-7;

/** For outputs [slabs · 8] that weight all rows equally. dims: padded. */
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

/** The slice of `values` for the slab at offset `from` of the weights. All outputs may share one slab. */
const slabAt = (values: Float32Array, from: number, slab: number): Float32Array =>
  values.length === slab ? values : values.subarray(from, from + slab);

/** Lower bound for an output that is certain about every row: without it, its bias step would be infinite. */
const LEAST_CURVATURE = 1e-6;
/** Lower bound of the variance, as a share of the mean square: what rounding leaves. */
const LEAST_VARIANCE = 1e-4;

/** From sums [Σ v·x | Σ v·x² | Σ v] over `rows`, where v is the weight of a row for an output. dims: padded. */
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

/**
 * One slab per call: V8 compiles this function after a few calls, but would mostly interpret a single long loop over all slabs.
 */
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
 * The factors D that turn the inverse M of the shared matrix into each output's own preconditioner D·M·D. If the matrix were
 * diagonal, D·M·D would be the inverse of the measured diagonal. Result: [slabs][dims][8], like weights. `shared` [dims]: the
 * diagonal of the matrix, without l2.
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

/** (diagonal + l2 on weights)⁻¹ · gradient. */
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
 * Turns a gradient into a step, both laid out as weights and then biases. `solve` does this for the weights, in place, for
 * centred features. The change of variables b' = b + Wᵀ·mean is applied before and reversed after.
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

const slabLength = (parameters: number, { curvature }: Pick<Diagonal, "curvature">): number =>
  SLAB * (parameters / curvature.length - 1);

function divideSlab(weights: Float32Array, variance: Float32Array, ridge: number): void {
  for (let at = 0; at < weights.length; at++)
    weights[at] = (weights[at] as number) / ((variance[at] as number) + ridge);
}

/** Centres the weights of a gradient in place: subtracts each output's bias gradient times the mean of the dimension. */
function centreSlab(weights: Float32Array, mean: Float32Array, biases: Float32Array): void {
  for (let at = 0; at < weights.length; at++)
    weights[at] = (weights[at] as number) - (mean[at] as number) * (biases[at % SLAB] as number);
}

/** Σ over dimensions of the product of two slabs, for one output. */
function alongColumn(x: Float32Array, y: Float32Array, output: number): number {
  let sum = 0;
  for (let at = output; at < x.length; at += SLAB) sum += (x[at] as number) * (y[at] as number);
  return sum;
}
