// AdamW (Loshchilov & Hutter 2019) over one flat vector of parameters.

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/** base^exponent by squaring: a library's pow may round differently on different machines. */
function power(base: f64, exponent: i32): f64 {
  let result: f64 = 1;
  for (let n = exponent; n > 0; n >>= 1) {
    if (n & 1) result *= base;
    base *= base;
  }
  return result;
}

/**
 * One step with number `step`, counted from 1, along `gradient` · `scale`. m and v are the running mean and mean square of the
 * gradient. Weight decay shrinks the first `decayed` parameters, independently of the gradient. Lengths are multiples of four.
 */
export function adamw(
  parameters: usize, m: usize, v: usize, gradient: usize, count: i32, decayed: i32,
  scale: f32, rate: f32, decay: f32, step: i32,
): void {
  const middle = <usize>decayed << 2;
  const stride = rate / f32(1.0 - power(f64(BETA1), step));
  const spread = f32(1) / sqrt<f32>(f32(1.0 - power(f64(BETA2), step)));
  move(parameters, m, v, gradient, 0, middle, scale, stride, spread, f32(1) - rate * decay);
  move(parameters, m, v, gradient, middle, <usize>count << 2, scale, stride, spread, 1);
}

function move(
  parameters: usize, m: usize, v: usize, gradient: usize, from: usize, to: usize,
  scale: f32, stride: f32, spread: f32, kept: f32,
): void {
  for (let at = from; at < to; at += 16) {
    const g = f32x4.mul(v128.load(gradient + at), f32x4.splat(scale));
    const mean = f32x4.add(
      f32x4.mul(v128.load(m + at), f32x4.splat(BETA1)), f32x4.mul(g, f32x4.splat(f32(1) - BETA1)),
    );
    const square = f32x4.add(
      f32x4.mul(v128.load(v + at), f32x4.splat(BETA2)), f32x4.mul(f32x4.mul(g, g), f32x4.splat(f32(1) - BETA2)),
    );
    v128.store(m + at, mean);
    v128.store(v + at, square);
    const size = f32x4.add(f32x4.mul(f32x4.sqrt(square), f32x4.splat(spread)), f32x4.splat(EPSILON));
    const change = f32x4.div(f32x4.mul(mean, f32x4.splat(stride)), size);
    const shrunk = f32x4.mul(v128.load(parameters + at), f32x4.splat(kept));
    v128.store(parameters + at, f32x4.sub(shrunk, change));
  }
}
