// Features at half precision (IEEE 754 binary16) between passes: half the memory and half the bytes to stream. Every value
// of a half is a float32, so what the kernels compute from them does not depend on where they were kept.

const UP: f32 = 5.192296858534828e33; // 2^112: the distance between the exponent biases of float32 and half
const DOWN: f32 = 1.925929944387236e-34; // 2^-112
const LARGEST: f32 = 60000;

/** Four halves, sign-extended to 32 bits, as float32: exact, subnormals too. */
// @ts-ignore: decorator
@inline
function widen(half: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shl(half, 13), i32x4.splat(0x8fffe000)), f32x4.splat(UP));
}

/** Four float32 as sign-extended halves, rounded to nearest, ties to even; below 2^-14 rounded to 13 bits more before. */
// @ts-ignore: decorator
@inline
export function narrow(x: v128): v128 {
  const cut = f32x4.max(f32x4.min(x, f32x4.splat(LARGEST)), f32x4.splat(-LARGEST));
  const bits = f32x4.mul(cut, f32x4.splat(DOWN));
  const size = v128.and(bits, i32x4.splat(0x7fffffff));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0xfff)), odd), 13);
  return v128.or(v128.and(i32x4.shr_s(bits, 31), i32x4.splat(0xffff8000)), rounded);
}

/** x: halves [rows][dims] to float32 [rows][stride]; dims is a multiple of eight. */
export function decodeHalf(x: usize, out: usize, rows: i32, dims: i32, stride: i32): void {
  for (let r = 0; r < rows; r++) {
    let to = out + ((<usize>r * <usize>stride) << 2);
    const end = to + (<usize>dims << 2);
    for (; to < end; to += 32) {
      const eight = v128.load(x);
      v128.store(to, widen(i32x4.extend_low_i16x8_s(eight)));
      v128.store(to, widen(i32x4.extend_high_i16x8_s(eight)), 16);
      x += 16;
    }
  }
}

// @ts-ignore: decorator
@inline
function scaled(x: usize, mean: usize, inverse: usize): v128 {
  return f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean)), v128.load(inverse));
}

/**
 * (x − mean) · inverse as halves. x: float32 [rows][dims] without padding, readable for seven floats past its end and finite
 * there; out: [rows][padded]; mean and inverse: [padded], zero past dims, which makes the padding zero.
 */
export function encodeHalf(
  x: usize, mean: usize, inverse: usize, out: usize, rows: i32, dims: i32, padded: i32,
): void {
  const bytes = <usize>padded << 2;
  for (let r = 0; r < rows; r++) {
    const row = x + ((<usize>r * <usize>dims) << 2);
    for (let d: usize = 0; d < bytes; d += 32) {
      const low = narrow(scaled(row + d, mean + d, inverse + d));
      const high = narrow(scaled(row + d + 16, mean + d + 16, inverse + d + 16));
      v128.store(out, i16x8.narrow_i32x4_s(low, high));
      out += 16;
    }
  }
}
