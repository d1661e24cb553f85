// Rows and weights of a linear head in textbook form, and their conversion to kernel layout.
import { FeatureTensor, paddedDims, strideOf } from "../../src/tensor/features.ts";
import { type SlabWeights, slabIndex, slabsOf } from "../../src/tensor/products.ts";

/** x·W + b with W [dims][classes] row-major. */
export interface LinearProblem {
  readonly rows: number;
  readonly dims: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Rows [rows][dims] in kernel layout: padded with zeros to a multiple of four rows and to the stride. */
export function featureTensor(x: Float32Array, rows: number, dims: number): FeatureTensor {
  const stride = strideOf(dims);
  const padded = new Float32Array(((rows + 3) & ~3) * stride);
  for (let r = 0; r < rows; r++) padded.set(x.subarray(r * dims, (r + 1) * dims), r * stride);
  return FeatureTensor.single(padded, rows, dims);
}

/** Runs `work` on rows, and frees them afterwards. */
export const withFeatures = <T>(x: Float32Array, rows: number, dims: number, work: (x: FeatureTensor) => T): T =>
  using(featureTensor(x, rows, dims), work);

/** Runs `work` on rows with 16 bits a number, as in training, and frees them afterwards. */
export function withIntegers<T>(x: Float32Array, dims: number, work: (x: FeatureTensor) => T): T {
  return using(FeatureTensor.encode(x, new Float32Array(dims), new Float32Array(dims).fill(1)), work);
}

/** The float32 values [rows][dims] that rows have in training form. */
export function valuesInIntegers(x: Float32Array, dims: number): Float32Array {
  const values = withIntegers(x, dims, (tensor) => tensor.widened(dims).slice());
  return x.map((_, i) => values[Math.floor(i / dims) * paddedDims(dims) + (i % dims)] as number);
}

function using<T>(tensor: FeatureTensor, work: (x: FeatureTensor) => T): T {
  try {
    return work(tensor);
  } finally {
    tensor.dispose();
  }
}

export function slabWeights({ dims, classes, weights, bias }: LinearProblem): SlabWeights {
  const padded = paddedDims(dims);
  const slabs = new Float32Array(slabsOf(classes) * padded * 8);
  for (let d = 0; d < dims; d++) {
    for (let k = 0; k < classes; k++) slabs[slabIndex(padded, d, k)] = weights[d * classes + k] as number;
  }
  const slabBias = new Float32Array(slabsOf(classes) * 8);
  slabBias.set(bias);
  return { dims: padded, outputs: classes, weights: slabs, bias: slabBias };
}

/** Columns 0 to `classes` of rows with width `slabs · 8`. */
export function unpadColumns(values: Float32Array, rows: number, classes: number): Float32Array {
  const width = slabsOf(classes) * 8;
  const out = new Float32Array(rows * classes);
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * width, r * width + classes), r * classes);
  return out;
}

/** The largest |a − b|, divided by the largest |b|. */
export function relativeGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let gap = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    gap = Math.max(gap, Math.abs((a[i] as number) - (b[i] as number)));
    size = Math.max(size, Math.abs(b[i] as number));
  }
  return a.length === b.length ? gap / Math.max(size, 1e-12) : Number.POSITIVE_INFINITY;
}
