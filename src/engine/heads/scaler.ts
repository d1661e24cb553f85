// Centres and scales features with statistics of the training rows, which the version stores. Convex solvers and one path of
// regularisation strengths then fit features of any scale.
import { strideOf } from "../../tensor/features.ts";
import { shiftedSums } from "../../tensor/moments.ts";
import type { Targets } from "../../tensor/products.ts";

export interface Scaler {
  /** [dims] */
  readonly mean: Float32Array;
  /** [dims]: 1 / the unit of deviations. */
  readonly inverse: Float32Array;
  /** Offset and unit of the values of a regression; {0, 1} for labels. */
  readonly target: { readonly mean: number; readonly deviation: number };
  /** Whether rows are mostly zeros. They are then not centred: an unpenalised bias absorbs the mean. */
  readonly sparse?: boolean | undefined;
}

/** The scaler of a training, with the number of rows it was fitted on. */
export interface FittedScaler extends Scaler {
  readonly rows: number;
}

/**
 * `standard` scales each dimension by its own standard deviation, which table columns with different units need. `uniform`
 * scales all by one, the root mean square of the deviations, and keeps the information in an embedding's scale: on banking77,
 * Fashion-MNIST and SST-2 it is the better of the two. `auto` decides by the spread of the dimensions' deviations.
 */
export type Scaling = "auto" | "uniform" | "standard";

/** Running count, mean and sum of squared deviations per dimension (Chan, Golub & LeVeque 1983). */
export interface Moments {
  count: number;
  readonly mean: Float64Array;
  readonly squares: Float64Array;
  /** Count of non-zero numbers. */
  numbers: number;
}

export const emptyMoments = (dims: number): Moments => ({
  count: 0,
  mean: new Float64Array(dims),
  squares: new Float64Array(dims),
  numbers: 0,
});

/** Adds the rows of `features` [rows][dims] to `moments`, in place. */
export function addRows(moments: Moments, features: Float32Array): Moments {
  const dims = moments.mean.length;
  const rows = features.length / dims;
  const { sums, squares, numbers } = shiftedSums(features, dims);
  const total = moments.count + rows;
  for (let d = 0; d < dims; d++) {
    const offset = (sums[d] as number) / rows;
    const own = Math.max(0, (squares[d] as number) - rows * offset * offset);
    const shift = (features[d] as number) + offset - (moments.mean[d] as number);
    moments.squares[d] = (moments.squares[d] as number) + own + (shift * shift * moments.count * rows) / total;
    moments.mean[d] = (moments.mean[d] as number) + (shift * rows) / total;
  }
  moments.count = total;
  moments.numbers += numbers;
  return moments;
}

export interface ScalerRequest {
  readonly features: Moments;
  /** Moments of the values of a regression; null for labels. */
  readonly values: Moments | null;
  readonly scaling: Scaling;
}

/** The scaler for rows with these moments. A dimension without deviation is only centred. */
export function scalerOf({ features, values, scaling }: ScalerRequest): FittedScaler {
  const deviations = deviationsOf(features);
  const varying = deviations.filter((deviation) => deviation > 0).sort();
  const uniform = scaling === "uniform" || (scaling === "auto" && !areUnitsMixed(varying));
  const common = Math.sqrt(varying.reduce((sum, d) => sum + d * d, 0) / Math.max(1, varying.length)) || 1;
  const inverse = Float32Array.from(deviations, (own) => (own === 0 ? 1 : 1 / (uniform ? common : own)));
  const value = values && { mean: values.mean[0] as number, deviation: deviationsOf(values)[0] || 1 };
  const target = value ?? { mean: 0, deviation: 1 };
  const sparse = values === null && isSparse(features);
  const mean = sparse ? new Float32Array(features.mean.length) : Float32Array.from(features.mean);
  return { mean, inverse, target, rows: features.count, sparse: sparse || undefined };
}

/** Mean and variance of each dimension [dims], in units of a scaler. */
export interface Spread {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** The spread of rows with these moments, after scaling with `scaler`. */
export function spreadOf({ mean, squares, count }: Moments, scaler: Pick<Scaler, "mean" | "inverse">): Spread {
  const inverse = (d: number): number => scaler.inverse[d] as number;
  return {
    mean: Float32Array.from(mean, (own, d) => (own - (scaler.mean[d] as number)) * inverse(d)),
    variance: Float32Array.from(squares, (sum, d) => (sum / count) * inverse(d) ** 2),
  };
}

/** With at most this share of non-zero numbers, in at least this many dimensions, sparse processing is faster than dense. */
const SPARSE = { mostNumbers: 0.25, leastDimensions: 64 };

const isSparse = ({ numbers, count, mean: { length: dims } }: Moments): boolean =>
  dims >= SPARSE.leastDimensions && numbers <= SPARSE.mostNumbers * count * dims;

/** A deviation that rounding alone explains counts as 0: scaling by it would amplify noise to unit size. */
function deviationsOf({ count, mean, squares }: Moments): Float64Array {
  return squares.map((sum, d) => {
    const deviation = Math.sqrt(sum / count);
    return deviation > 1e-6 * Math.abs(mean[d] as number) && deviation > 1e-30 ? deviation : 0;
  });
}

/**
 * Largest ratios of standard deviations between dimensions that count as having one unit: 90th to 10th percentile, and largest
 * to median.
 */
const ALIKE = { tenthToNinetieth: 10, medianToLargest: 30 };

function areUnitsMixed(sorted: Float64Array): boolean {
  if (sorted.length === 0) return false;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  return at(0.9) > ALIKE.tenthToNinetieth * at(0.1) || at(1) > ALIKE.medianToLargest * at(0.5);
}

/** Values of a regression in units of the scaler; labels unchanged. */
export function scaleTargets(targets: Targets, { target: { mean, deviation } }: Scaler): Targets {
  return targets instanceof Float32Array ? targets.map((value) => (value - mean) / deviation) : targets;
}

/**
 * Larger deviations are clipped, in training and in serving: sparse rows are halves, which end at 65,504, and scores
 * must not overflow.
 */
export const MOST_DEVIATIONS = 60_000;

/** Scaled rows [rows][dims] in kernel layout: [rows][stride], with zeros in the padding. */
export function scaleRows(features: Float32Array, { mean, inverse }: Scaler): Float32Array {
  const dims = mean.length;
  const stride = strideOf(dims);
  const rows = features.length / dims;
  const scaled = new Float32Array(rows * stride);
  for (let r = 0, from = 0; r < rows; r++) {
    for (let d = 0, to = r * stride; d < dims; d++, from++, to++) {
      const deviations = ((features[from] as number) - (mean[d] as number)) * (inverse[d] as number);
      scaled[to] = Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, deviations));
    }
  }
  return scaled;
}
