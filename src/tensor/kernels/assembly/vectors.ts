// Vector operations of an optimiser, a piece at a time. Pieces of several vectors lie `bytes` apart. `length`: floats in a
// piece, a multiple of four; a shorter piece is padded with zeros.

/** sums[i] += x[i] · y for `count` pieces x, in float64, in an order that depends only on the length. */
export function addDots(x: usize, count: i32, bytes: usize, y: usize, length: i32, sums: usize): void {
  const end = <usize>length << 2;
  for (let i = 0; i < count; i++, x += bytes, sums += 8) {
    let a = f64x2.splat(0), b = a;
    for (let at: usize = 0; at < end; at += 16) {
      const v = v128.load(x + at), w = v128.load(y + at);
      a = f64x2.add(a, f64x2.mul(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(w)));
      b = f64x2.add(b, f64x2.mul(f64x2.promote_low_f32x4(upper(v)), f64x2.promote_low_f32x4(upper(w))));
    }
    const sum = f64x2.add(a, b);
    f64.store(sums, f64.load(sums) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  }
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 2, 3, 2, 3);
}

/** x[0] = Σ factors[i] · x[i] over `count` pieces, in order. */
export function combine(x: usize, count: i32, bytes: usize, factors: usize, length: i32): void {
  const end = x + (<usize>length << 2);
  for (; x < end; x += 16) {
    let sum = f32x4.mul(v128.load(x), v128.load32_splat(factors));
    for (let i = 1, at = x + bytes; i < count; i++, at += bytes)
      sum = f32x4.add(sum, f32x4.mul(v128.load(at), v128.load32_splat(factors + (<usize>i << 2))));
    v128.store(x, sum);
  }
}
