// Centres and scales features with statistics of the training rows, kept in the version: convex solvers and one path of
// regularisation strengths then fit features of any scale.
import { strideOf } from "../../tensor/products.ts";

export interface Scaler {
  /** [dims] */
  readonly mean: Float32Array;
  /** [dims]: 1 / standard deviation; 1 where a dimension never varies. */
  readonly inverse: Float32Array;
}

/** The scaler of a training, which also remembers how many rows it is of. */
export interface FittedScaler extends Scaler {
  readonly rows: number;
}

/** Running count, mean and sum of squared deviations per dimension (Chan, Golub & LeVeque 1983). */
export interface Moments {
  count: number;
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

export const emptyMoments = (dims: number): Moments => ({
  count: 0,
  mean: new Float64Array(dims),
  squares: new Float64Array(dims),
});

/** Adds the rows of `features` [rows][dims] to `moments`, in place. */
export function addRows(moments: Moments, features: Float32Array): Moments {
  const dims = moments.mean.length;
  const rows = features.length / dims;
  const total = moments.count + rows;
  const mean = columnSums(features, dims, (value) => value).map((sum) => sum / rows);
  const squares = columnSums(features, dims, (value, d) => (value - (mean[d] as number)) ** 2);
  for (let d = 0; d < dims; d++) {
    const shift = (mean[d] as number) - (moments.mean[d] as number);
    moments.squares[d] =
      (moments.squares[d] as number) + (squares[d] as number) + (shift * shift * moments.count * rows) / total;
    moments.mean[d] = (moments.mean[d] as number) + (shift * rows) / total;
  }
  moments.count = total;
  return moments;
}

/** Row by row, as the block lies in memory: column by column would miss the cache at every step. */
function columnSums(features: Float32Array, dims: number, term: (value: number, d: number) => number): Float64Array {
  const sums = new Float64Array(dims);
  for (let from = 0; from < features.length; from += dims) {
    for (let d = 0; d < dims; d++) sums[d] = (sums[d] as number) + term(features[from + d] as number, d);
  }
  return sums;
}

export function scalerOf(moments: Moments): FittedScaler {
  const inverse = Float32Array.from(moments.squares, (squares, d) => {
    const deviation = Math.sqrt(squares / moments.count);
    // A deviation that rounding alone explains is none: scaling by it would blow noise up to unit size.
    const noise = 1e-6 * Math.abs(moments.mean[d] as number);
    return deviation > noise && deviation > 1e-30 ? 1 / deviation : 1;
  });
  return { mean: Float32Array.from(moments.mean), inverse, rows: moments.count };
}

/**
 * Deviations beyond this many are cut. No row of a training comes near (n rows deviate by √n at most); a row that is scored
 * later may, and must not overflow its scores.
 */
const MOST_DEVIATIONS = 1e6;

/** Rows [rows][dims] scaled into the kernels' layout: [rows up to a multiple of four][stride], zeros in the padding. */
export function scaleRows(features: Float32Array, { mean, inverse }: Scaler): Float32Array {
  const dims = mean.length;
  const stride = strideOf(dims);
  const rows = features.length / dims;
  const scaled = new Float32Array(((rows + 3) & ~3) * stride);
  for (let r = 0, from = 0; r < rows; r++) {
    for (let d = 0, to = r * stride; d < dims; d++, from++, to++) {
      const deviations = ((features[from] as number) - (mean[d] as number)) * (inverse[d] as number);
      scaled[to] = Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, deviations));
    }
  }
  return scaled;
}
