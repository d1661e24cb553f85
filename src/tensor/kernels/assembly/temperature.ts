// Softmax loss of logits [rows][classes], without padding, at other temperatures. Works in float64, so that powers that are
// squared repeatedly keep their precision. β = 1 / temperature.
import { largest } from "./lanes";
import { log } from "./loss";

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.693145751953125;
const LN2_LOW: f64 = 1.4286068203094173e-6;
const TO_INTEGER: f64 = 6755399441055744; // 1.5 · 2^52: leaves the nearest integer in the low bits
/** Lower bound for exponents: e^x is negligible there, and still a normal number. */
const LEAST_EXPONENT: f64 = -700;
/** Lower bound for values that are squared: subnormal numbers take a hundred times as long. */
const LEAST_POWER: f64 = 1e-150;
/** Above this, one more factor could exceed the range of float64. */
const LARGEST_PRODUCT: f64 = 1e290;
const DOUBLINGS: usize = 6;

/** e^x for x <= 0, two lanes: a Taylor series after range reduction by powers of two, error below 1e-12. */
// @ts-ignore: decorator
@inline
function expTwo(x: v128): v128 {
  x = f64x2.pmax(x, f64x2.splat(LEAST_EXPONENT));
  const rounded = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), f64x2.splat(TO_INTEGER));
  const n = f64x2.sub(rounded, f64x2.splat(TO_INTEGER));
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(LN2_HIGH)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(LN2_LOW)));
  let y = f64x2.splat(1.0 / 3628800.0);
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 362880.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 40320.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 5040.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 720.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 120.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 24.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1.0 / 6.0));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(0.5));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1));
  y = f64x2.add(f64x2.mul(y, r), f64x2.splat(1));
  return f64x2.mul(y, i64x2.shl(i64x2.add(rounded, i64x2.splat(1023)), 52)); // its low bits are n
}

/** Two logits; if their count is odd, the last one comes with a zero beside it. */
// @ts-ignore: decorator
@inline
function twoAt(p: usize, end: usize): v128 {
  return f64x2.promote_low_f32x4(p + 8 <= end ? v128.load64_zero(p) : v128.load32_zero(p));
}

/** e^(β·(z − peak)) of two logits; 0 in the lane beside the last logit. */
function powersOf(z: v128, peak: v128, beta: v128, isLast: bool): v128 {
  const e = expTwo(f64x2.mul(beta, f64x2.sub(z, peak)));
  return isLast ? f64x2.replace_lane(e, 1, 0) : e;
}

// @ts-ignore: decorator
@inline
function both(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** The largest logit of a row. */
function peakOf(row: usize, end: usize): f32 {
  let four = f32x4.splat(-Infinity), p = row;
  for (; p + 16 <= end; p += 16) four = f32x4.pmax(v128.load(p), four);
  let peak = largest(four);
  for (; p < end; p += 4) peak = max(peak, f32.load(p));
  return peak;
}

/**
 * For β, 2·β, … 32·β: adds Σ cross-entropy of softmax(β·z), without the logarithms of the rows' sums of exponentials, to six of
 * `sums`, which lie `bytes` apart, and multiplies these row sums into six of `products`. When one more factor might overflow,
 * the logarithm of a product goes to its sum. One exponential per logit is squared repeatedly for all six. totals: room for six
 * numbers.
 */
export function addTemperedLosses(
  logits: usize, labels: usize, rows: i32, classes: i32, beta: f64, sums: usize, products: usize, bytes: usize,
  totals: usize,
): void {
  const rowBytes = <usize>classes << 2;
  const factor = f64x2.splat(beta), least = f64x2.splat(LEAST_POWER);
  for (let row = logits, stop = logits + <usize>rows * rowBytes; row < stop; row += rowBytes, labels += 4) {
    const end = row + rowBytes, peak = peakOf(row, end), shift = f64x2.splat(<f64>peak);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
    for (let p = row; p < end; p += 8) {
      let e = powersOf(twoAt(p, end), shift, factor, p + 8 > end);
      s0 = f64x2.add(s0, e); e = squared(e, least);
      s1 = f64x2.add(s1, e); e = squared(e, least);
      s2 = f64x2.add(s2, e); e = squared(e, least);
      s3 = f64x2.add(s3, e); e = squared(e, least);
      s4 = f64x2.add(s4, e); e = squared(e, least);
      s5 = f64x2.add(s5, e);
    }
    f64.store(totals, both(s0)); f64.store(totals, both(s1), 8); f64.store(totals, both(s2), 16);
    f64.store(totals, both(s3), 24); f64.store(totals, both(s4), 32); f64.store(totals, both(s5), 40);
    let margin = beta * (<f64>peak - <f64>f32.load(row + (<usize>load<i32>(labels) << 2)));
    for (let i: usize = 0; i < DOUBLINGS; i++, margin *= 2) {
      addLoss(sums + i * bytes, products + i * bytes, margin, f64.load(totals + (i << 3)));
    }
  }
}

// @ts-ignore: decorator
@inline
function squared(e: v128, least: v128): v128 {
  e = f64x2.pmax(e, least);
  return f64x2.mul(e, e);
}

function addLoss(sum: usize, product: usize, margin: f64, powers: f64): void {
  let loss = f64.load(sum) + margin, factor = f64.load(product) * powers;
  if (factor > LARGEST_PRODUCT) {
    loss += log(factor);
    factor = 1;
  }
  f64.store(sum, loss);
  f64.store(product, factor);
}

/** Adds Σ (E[z] − z of the label) to `slopes`, and Σ Var[z] to the number after it, both under softmax(β·z). */
export function addTemperedSlopes(logits: usize, labels: usize, rows: i32, classes: i32, beta: f64, slopes: usize): void {
  const rowBytes = <usize>classes << 2;
  const factor = f64x2.splat(beta);
  let first = f64.load(slopes), second = f64.load(slopes, 8);
  for (let row = logits, stop = logits + <usize>rows * rowBytes; row < stop; row += rowBytes, labels += 4) {
    const end = row + rowBytes, shift = f64x2.splat(<f64>peakOf(row, end));
    let weights = f64x2.splat(0), sums = weights, squares = weights;
    for (let p = row; p < end; p += 8) {
      const z = twoAt(p, end), e = powersOf(z, shift, factor, p + 8 > end), ez = f64x2.mul(e, z);
      weights = f64x2.add(weights, e);
      sums = f64x2.add(sums, ez);
      squares = f64x2.add(squares, f64x2.mul(ez, z));
    }
    const mean = both(sums) / both(weights);
    first += mean - <f64>f32.load(row + (<usize>load<i32>(labels) << 2));
    second += both(squares) / both(weights) - mean * mean;
  }
  f64.store(slopes, first);
  f64.store(slopes, second, 8);
}
