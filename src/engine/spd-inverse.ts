// The inverse of a symmetric positive definite matrix by its Cholesky factor, a few rows at a time: what takes a second at
// a thousand dimensions must not keep predictions waiting.

/** The matrix on its way: three sweeps over its rows. Changed in place; a flat record that a checkpoint can hold. */
export interface Inversion {
  /** [dims][dims], of which the lower triangle counts: the matrix, then its factor L, then L⁻¹. */
  readonly matrix: Float64Array;
  /** [dims][dims]: the lower triangle of the inverse, summed up in the last sweep. */
  readonly inverse: Float64Array;
  readonly dims: number;
}

/** Inverts `matrix` [dims][dims], of which the lower triangle counts. */
export const startInversion = (matrix: Float64Array, dims: number): Inversion => ({
  ...{ matrix, dims, inverse: new Float64Array(dims * dims) },
});

/** Rows of all three sweeps: call `invertRow` once for each, in order, until one is false. */
export const rowsOfInversion = (dims: number): number => 3 * dims;

/** false: the matrix is not positive definite. */
export function invertRow(inversion: Inversion, step: number): boolean {
  const { dims } = inversion;
  const row = step % dims;
  if (step < dims) return factorRow(inversion, row);
  if (step < 2 * dims) invertFactorRow(inversion, row);
  else addOuterProduct(inversion, row);
  return true;
}

/** Row i of L: L_ij = (A_ij − Σ_{k<j} L_ik L_jk) / L_jj. */
function factorRow({ matrix, dims }: Inversion, i: number): boolean {
  const own = matrix.subarray(i * dims, i * dims + i + 1);
  for (let j = 0; j < i; j++) {
    const other = matrix.subarray(j * dims, j * dims + j + 1);
    own[j] = ((own[j] as number) - dotUpTo(own, other, j)) / (other[j] as number);
  }
  const pivot = (own[i] as number) - dotUpTo(own, own, i);
  own[i] = Math.sqrt(pivot);
  return pivot > 0;
}

/** Σ_{k<count} a_k b_k in four interleaved sums. */
function dotUpTo(a: Float64Array, b: Float64Array, count: number): number {
  let [s0, s1, s2, s3, k] = [0, 0, 0, 0, 0];
  for (; k + 3 < count; k += 4) {
    s0 += (a[k] as number) * (b[k] as number);
    s1 += (a[k + 1] as number) * (b[k + 1] as number);
    s2 += (a[k + 2] as number) * (b[k + 2] as number);
    s3 += (a[k + 3] as number) * (b[k + 3] as number);
  }
  for (; k < count; k++) s0 += (a[k] as number) * (b[k] as number);
  return s0 + s1 + (s2 + s3);
}

/** Row i of L⁻¹: (e_i − Σ_{k<i} L_ik · row k) / L_ii, over the rows above, which are done. */
function invertFactorRow({ matrix, dims }: Inversion, i: number): void {
  const own = matrix.subarray(i * dims, i * dims + i + 1);
  const factors = own.slice();
  own.fill(0);
  for (let k = 0; k < i; k++) addScaled(own, matrix.subarray(k * dims, k * dims + k + 1), -(factors[k] as number));
  own[i] = 1;
  const pivot = factors[i] as number;
  for (let j = 0; j <= i; j++) own[j] = (own[j] as number) / pivot;
}

/** inverse += mᵀ·m of row i of L⁻¹. */
function addOuterProduct({ matrix, inverse, dims }: Inversion, i: number): void {
  const own = matrix.subarray(i * dims, i * dims + i + 1);
  for (let r = 0; r <= i; r++) addScaled(inverse.subarray(r * dims, r * dims + r + 1), own, own[r] as number);
}

function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let j = 0; j < to.length && j < from.length; j++) to[j] = (to[j] as number) + factor * (from[j] as number);
}

/** The whole inverse, both triangles. */
export function inverseOf({ inverse, dims }: Inversion): Float32Array {
  const out = new Float32Array(dims * dims);
  for (let r = 0; r < dims; r++) {
    for (let c = 0; c <= r; c++) {
      out[r * dims + c] = inverse[r * dims + c] as number;
      out[c * dims + r] = inverse[r * dims + c] as number;
    }
  }
  return out;
}

/** (L⁻¹)ᵀ [dims][dims], once the second sweep is done: the inverse is it times its transpose. */
export function transposedFactorOf({ matrix, dims }: Inversion): Float32Array {
  const out = new Float32Array(dims * dims);
  for (let r = 0; r < dims; r++) {
    for (let c = 0; c <= r; c++) out[c * dims + r] = matrix[r * dims + c] as number;
  }
  return out;
}
