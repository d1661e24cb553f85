// What follows the sums of a product: bias, bounds, residual, and the store of eight outputs of a row.

/** out[8] = min(max(sums + bias, least), most) + residual. bias, residual: addresses, or 0. */
// @ts-ignore: decorator
@inline
export function writeEight(out: usize, a: v128, b: v128, least: v128, most: v128, residual: usize, count: i32): void {
  a = f32x4.pmin(f32x4.pmax(a, least), most);
  b = f32x4.pmin(f32x4.pmax(b, least), most);
  if (count < 8) return writeSome(out, a, b, residual, count);
  if (residual != 0) {
    a = f32x4.add(a, v128.load(residual));
    b = f32x4.add(b, v128.load(residual, 16));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}

/** The first `count` of eight: the last panel may hold fewer outputs. */
function writeSome(out: usize, a: v128, b: v128, residual: usize, count: i32): void {
  for (let i = 0; i < count; i++, out += 4) {
    f32.store(out, f32x4.extract_lane(a, 0) + (residual == 0 ? 0 : f32.load(residual + (<usize>i << 2))));
    a = v128.shuffle<f32>(a, b, 1, 2, 3, 4);
    b = v128.shuffle<f32>(b, b, 1, 2, 3, 0);
  }
}

// @ts-ignore: decorator
@inline
export function biasAt(bias: usize, offset: usize): v128 {
  return bias == 0 ? f32x4.splat(0) : v128.load(bias + offset);
}
