// Weighted sums of neighbouring samples. Sums run in eight lanes in a fixed order, so that a sample has the same bits wherever it is
// computed.
import { total } from "../../../tensor/kernels/assembly/lanes";

// @ts-ignore: decorator
@inline
function add(sum: v128, w: v128, x: usize): v128 {
  return f32x4.add(sum, f32x4.mul(w, v128.load(x)));
}

/**
 * out[i · stride] = Σ weights · x[i · step …], for i below `count`. taps: a multiple of eight. Four sums at a time share the weights.
 */
export function filterAt(
  x: usize, weights: usize, taps: i32, out: usize, count: i32, step: i32, stride: i32,
): void {
  const stepBytes = <usize>step << 2, strideBytes = <usize>stride << 2, end = weights + (<usize>taps << 2);
  let i = 0;
  for (; i + 4 <= count; i += 4, x += stepBytes << 2, out += strideBytes << 2) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    let a = x, b = a + stepBytes, c = b + stepBytes, d = c + stepBytes;
    for (let w = weights; w < end; w += 32, a += 32, b += 32, c += 32, d += 32) {
      const w0 = v128.load(w), w1 = v128.load(w, 16);
      a0 = add(a0, w0, a); a1 = add(a1, w1, a + 16);
      b0 = add(b0, w0, b); b1 = add(b1, w1, b + 16);
      c0 = add(c0, w0, c); c1 = add(c1, w1, c + 16);
      d0 = add(d0, w0, d); d1 = add(d1, w1, d + 16);
    }
    f32.store(out, total(f32x4.add(a0, a1)));
    f32.store(out + strideBytes, total(f32x4.add(b0, b1)));
    f32.store(out + 2 * strideBytes, total(f32x4.add(c0, c1)));
    f32.store(out + 3 * strideBytes, total(f32x4.add(d0, d1)));
  }
  for (; i < count; i++, x += stepBytes, out += strideBytes) f32.store(out, sumAt(x, weights, end));
}

// @ts-ignore: decorator
@inline
function sumAt(x: usize, w: usize, end: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0;
  for (; w < end; w += 32, x += 32) {
    s0 = add(s0, v128.load(w), x);
    s1 = add(s1, v128.load(w, 16), x + 16);
  }
  return total(f32x4.add(s0, s1));
}

/** out = a + (b − a) · share, where a and b are the sums with the weights of two neighbouring phases, one after another in memory. */
export function filterBetween(x: usize, weights: usize, taps: i32, share: f32, out: usize): void {
  const bytes = <usize>taps << 2;
  const a = sumAt(x, weights, weights + bytes), b = sumAt(x, weights + bytes, weights + 2 * bytes);
  f32.store(out, a + (b - a) * share);
}
