// The inverse of a symmetric positive definite matrix by its Cholesky factor, some rows at a time: what takes a tenth of a
// second must not keep predictions waiting.

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

/** Rows of all three sweeps, which tensor/inversion.ts takes in order. */
export const rowsOfInversion = (dims: number): number => 3 * dims;

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
