// The inverse of a symmetric positive definite float64 matrix [dims][dims] by its Cholesky factor, in three sweeps over its
// rows. Only the lower triangle is read. The order of each sum depends on the row alone.

/**
 * Processes `count` rows from row `from` on, of 3 · dims rows in all sweeps. Returns the number processed: fewer than `count`
 * if the matrix is not positive definite. `matrix` becomes its factor L, then L⁻¹. `inverse` starts as zeros; the last sweep
 * accumulates it.
 */
export function invertRows(matrix: usize, inverse: usize, dims: i32, from: i32, count: i32): i32 {
  for (let step = 0; step < count; step++) {
    const sweep = (from + step) / dims, row = (from + step) % dims;
    if (sweep == 0) {
      if (!factorRow(matrix, dims, row)) return step;
    } else if (sweep == 1) invertFactorRow(matrix, dims, row);
    else addOuterProduct(matrix, inverse, dims, row);
  }
  return count;
}

/** Row i of L: L_ij = (A_ij − Σ_{k<j} L_ik L_jk) / L_jj. */
function factorRow(matrix: usize, dims: i32, i: i32): bool {
  const rowBytes = <usize>dims << 3, own = matrix + <usize>i * rowBytes;
  let other = matrix;
  for (let j = 0; j < i; j++, other += rowBytes) {
    const at = <usize>j << 3;
    f64.store(own + at, (f64.load(own + at) - dotOf(own, other, j)) / f64.load(other + at));
  }
  const at = own + (<usize>i << 3);
  const pivot = f64.load(at) - dotOf(own, own, i);
  f64.store(at, sqrt<f64>(pivot));
  return pivot > 0;
}

/** Σ_{k<count} a_k · b_k, in four interleaved sums. */
// @ts-ignore: decorator
@inline
function dotOf(a: usize, b: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low;
  const end = a + (<usize>count << 3), fours = a + (<usize>(count & ~3) << 3);
  for (; a < fours; a += 32, b += 32) {
    low = f64x2.add(low, f64x2.mul(v128.load(a), v128.load(b)));
    high = f64x2.add(high, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  let first = f64x2.extract_lane(low, 0);
  for (; a < end; a += 8, b += 8) first += f64.load(a) * f64.load(b);
  return first + f64x2.extract_lane(low, 1) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}

/**
 * Row i of L⁻¹: (e_i − Σ_{k<i} L_ik · row k) / L_ii, from the finished rows above. Row k has k + 1 numbers: it ends in the
 * column of L_ik.
 */
function invertFactorRow(matrix: usize, dims: i32, i: i32): void {
  const rowBytes = <usize>dims << 3, own = matrix + <usize>i * rowBytes, last = own + (<usize>i << 3);
  const pivot = f64x2.splat(f64.load(last));
  let other = matrix;
  for (let k = 0; k < i; k++, other += rowBytes) {
    const at = own + (<usize>k << 3);
    const factor = -f64.load(at);
    f64.store(at, 0);
    addScaled(own, other, k + 1, factor);
  }
  f64.store(last, 1);
  for (let at = own; at < last; at += 16) v128.store(at, f64x2.div(v128.load(at), pivot));
  if ((i & 1) == 0) f64.store(last, 1 / f64x2.extract_lane(pivot, 0));
}

/** inverse += mᵀ·m of row i of L⁻¹. */
function addOuterProduct(matrix: usize, inverse: usize, dims: i32, i: i32): void {
  const rowBytes = <usize>dims << 3, own = matrix + <usize>i * rowBytes;
  for (let r = 0, to = inverse; r <= i; r++, to += rowBytes) addScaled(to, own, r + 1, f64.load(own + (<usize>r << 3)));
}

/** to += factor · values, over `count` numbers. */
// @ts-ignore: decorator
@inline
function addScaled(to: usize, values: usize, count: i32, factor: f64): void {
  const factors = f64x2.splat(factor);
  const end = to + (<usize>count << 3), pairs = to + (<usize>(count & ~1) << 3);
  for (; to < pairs; to += 16, values += 16) v128.store(to, f64x2.add(v128.load(to), f64x2.mul(v128.load(values), factors)));
  if (to < end) f64.store(to, f64.load(to) + f64.load(values) * factor);
}
