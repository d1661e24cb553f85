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
  const own = i * dims;
  for (let j = 0; j < i; j++) {
    const other = j * dims;
    const rest = (matrix[own + j] as number) - dotOf(matrix, own, other, j);
    matrix[own + j] = rest / (matrix[other + j] as number);
  }
  const pivot = (matrix[own + i] as number) - dotOf(matrix, own, own, i);
  matrix[own + i] = Math.sqrt(pivot);
  return pivot > 0;
}

/** Σ_{k<count} of numbers from `a` on times those from `b` on, in four interleaved sums. */
function dotOf(matrix: Float64Array, a: number, b: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += (matrix[a + k] as number) * (matrix[b + k] as number);
    s1 += (matrix[a + k + 1] as number) * (matrix[b + k + 1] as number);
    s2 += (matrix[a + k + 2] as number) * (matrix[b + k + 2] as number);
    s3 += (matrix[a + k + 3] as number) * (matrix[b + k + 3] as number);
  }
  for (; k < count; k++) s0 += (matrix[a + k] as number) * (matrix[b + k] as number);
  return s0 + s1 + (s2 + s3);
}

/** Row i of L⁻¹: (e_i − Σ_{k<i} L_ik · row k) / L_ii, over the rows above, which are done. */
function invertFactorRow({ matrix, dims }: Inversion, i: number): void {
  const own = i * dims;
  const factors = matrix.slice(own, own + i + 1);
  matrix.fill(0, own, own + i);
  for (let k = 0; k < i; k++) addScaled(matrix, own, matrix, k * dims, k + 1, -(factors[k] as number));
  matrix[own + i] = 1;
  const pivot = factors[i] as number;
  for (let j = own; j <= own + i; j++) matrix[j] = (matrix[j] as number) / pivot;
}

/** inverse += mᵀ·m of row i of L⁻¹. */
function addOuterProduct({ matrix, inverse, dims }: Inversion, i: number): void {
  const own = i * dims;
  for (let r = 0; r <= i; r++) addScaled(inverse, r * dims, matrix, own, r + 1, matrix[own + r] as number);
}

/** Adds `factor` times `count` numbers from `from` on to those from `at` on. */
function addScaled(
  to: Float64Array,
  at: number,
  values: Float64Array,
  from: number,
  count: number,
  factor: number,
): void {
  for (let j = 0; j < count; j++) to[at + j] = (to[at + j] as number) + factor * (values[from + j] as number);
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
