// Normalises rows: by mean and deviation, or to length one. Sums run in four lanes in a fixed order, the same for every row.
import { total } from "../../../tensor/kernels/assembly/lanes";

/** Four numbers of x + residual. */
// @ts-ignore: decorator
@inline
function fourAt(x: usize, residual: usize, at: usize): v128 {
  return residual == 0 ? v128.load(x + at) : f32x4.add(v128.load(x + at), v128.load(residual + at));
}

/** out = (x + residual − mean) / √(variance + epsilon) · gamma + beta, for each row. width: a multiple of four. residual: 0 for none. */
export function layerNorm(
  x: usize, residual: usize, gamma: usize, beta: usize, out: usize, rows: i32, width: i32, epsilon: f32,
): void {
  const bytes = <usize>width << 2, inverse = <f32>1 / <f32>width;
  for (let r = 0; r < rows; r++, x += bytes, out += bytes) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const four = fourAt(x, residual, at);
      sum = f32x4.add(sum, four);
      v128.store(out + at, four);
    }
    const mean = f32x4.splat(total(sum) * inverse);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const centred = f32x4.sub(v128.load(out + at), mean);
      squares = f32x4.add(squares, f32x4.mul(centred, centred));
    }
    const factor = f32x4.splat(<f32>1 / sqrt(total(squares) * inverse + epsilon));
    for (let at: usize = 0; at < bytes; at += 16) {
      const scaled = f32x4.mul(f32x4.sub(v128.load(out + at), mean), factor);
      v128.store(out + at, f32x4.add(f32x4.mul(scaled, v128.load(gamma + at)), v128.load(beta + at)));
    }
    if (residual != 0) residual += bytes;
  }
}

/** out = x / max(|x|, epsilon), for each row. */
export function normalise(x: usize, out: usize, rows: i32, width: i32, epsilon: f32): void {
  const bytes = <usize>width << 2, wide = bytes & ~15;
  for (let r = 0; r < rows; r++, x += bytes, out += bytes) {
    let squares = f32x4.splat(0), at: usize = 0;
    for (; at < wide; at += 16) squares = f32x4.add(squares, f32x4.mul(v128.load(x + at), v128.load(x + at)));
    let sum = total(squares);
    for (; at < bytes; at += 4) sum += f32.load(x + at) * f32.load(x + at);
    const length = sqrt(sum);
    const size = length < epsilon ? epsilon : length;
    for (at = 0; at < bytes; at += 4) f32.store(out + at, f32.load(x + at) / size);
  }
}
