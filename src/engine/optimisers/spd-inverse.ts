// The inverse of a symmetric positive definite matrix by its Cholesky factor, some rows at a time: computed at once, it would
// block predictions for a tenth of a second.

/** An inversion in progress: three sweeps over the rows. Updated in place; a flat record that a checkpoint can hold. */
export interface Inversion {
  /** [dims][dims], lower triangle only: the matrix, then its factor L, then L⁻¹. */
  readonly matrix: Float64Array;
  /** [dims][dims]: the lower triangle of the inverse, accumulated in the last sweep. */
  readonly inverse: Float64Array;
  readonly dims: number;
}

/** Inverts `matrix` [dims][dims]; only its lower triangle is read. */
export const startInversion = (matrix: Float64Array, dims: number): Inversion => ({
  matrix,
  dims,
  inverse: new Float64Array(dims * dims),
});

/** Rows of all three sweeps, which tensor/inversion.ts processes in order. */
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

/** (L⁻¹)ᵀ [dims][dims], after the second sweep. The inverse is its product with its transpose. */
export function transposedFactorOf({ matrix, dims }: Inversion): Float32Array {
  const out = new Float32Array(dims * dims);
  for (let r = 0; r < dims; r++) {
    for (let c = 0; c <= r; c++) out[c * dims + r] = matrix[r * dims + c] as number;
  }
  return out;
}
