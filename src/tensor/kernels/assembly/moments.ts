// Sums for the mean and standard deviation of each dimension, over unscaled rows: in float64, row by row.

/**
 * Adds x − shift to `sums` and its square to `squares`: float64 [dims], with room for one more where dims is odd. Returns the
 * number of non-zero numbers in x. x: float32 [rows][dims], shift: [dims].
 */
export function addMoments(x: usize, rows: i32, dims: i32, shift: usize, sums: usize, squares: usize): i32 {
  let numbers = i32x4.splat(0);
  const rowBytes = <usize>dims << 2, pairs = rowBytes & ~7;
  for (let r = 0; r < rows; r++, x += rowBytes) {
    for (let at: usize = 0; at < pairs; at += 8) {
      numbers = addTwo(v128.load64_zero(x + at), v128.load64_zero(shift + at), sums + 2 * at, squares + 2 * at, numbers);
    }
    if (pairs == rowBytes) continue;
    const at = pairs;
    numbers = addTwo(v128.load32_zero(x + at), v128.load32_zero(shift + at), sums + 2 * at, squares + 2 * at, numbers);
  }
  return i32x4.extract_lane(numbers, 0) + i32x4.extract_lane(numbers, 1);
}

// @ts-ignore: decorator
@inline
function addTwo(x: v128, shift: v128, sums: usize, squares: usize, numbers: v128): v128 {
  const value = f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(shift));
  v128.store(sums, f64x2.add(v128.load(sums), value));
  v128.store(squares, f64x2.add(v128.load(squares), f64x2.mul(value, value)));
  return i32x4.sub(numbers, f32x4.ne(x, f32x4.splat(0)));
}
