// The losses of the three tasks over a block of outputs. Each overwrites the outputs with the gradient. No tables, because the
// module owns no memory. `weights`, where not 0, are [slabs · 8]: the weight of an example of each class, or of each label that
// is set.
import { largest, total } from "./lanes";

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const TO_INTEGER: f32 = 12582912; // 1.5 · 2^23: adding it to a float below 2^22 leaves the nearest integer in the low bits
const SQRT2: f64 = 1.4142135623730951;
const LN2: f64 = 0.6931471805599453;

/** e^x for x <= 0 on four lanes: Cephes expf (Moshier 1984), error below 2 ulp; e^-87.3 below -87.3. */
// @ts-ignore: decorator
@inline
function expNonPositive(x: v128): v128 {
  x = f32x4.pmax(x, f32x4.splat(-87.33654)); // pmax keeps NaN, and is one instruction where `max` takes eight
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(TO_INTEGER));
  const n = f32x4.sub(rounded, f32x4.splat(TO_INTEGER));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), y), r), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23); // its low bits are n
  return f32x4.mul(y, scale);
}

/** ln x for normal x > 0, by the atanh series on the mantissa: error below 1e-13. */
export function log(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > SQRT2) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let sum = 1.0 / 15.0;
  sum = sum * q + 1.0 / 13.0;
  sum = sum * q + 1.0 / 11.0;
  sum = sum * q + 1.0 / 9.0;
  sum = sum * q + 1.0 / 7.0;
  sum = sum * q + 1.0 / 5.0;
  sum = sum * q + 1.0 / 3.0;
  sum = sum * q + 1.0;
  return 2.0 * s * sum + <f64>exponent * LN2;
}

/** Mask of the lanes that hold classes, for the last vector of a row. */
// @ts-ignore: decorator
@inline
function laneMask(classes: i32): v128 {
  const left = ((classes - 1) & 3) + 1;
  return i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3));
}

/** The largest logit of a row. */
// @ts-ignore: decorator
@inline
function peakOf(row: usize, last: usize, tail: v128): f32 {
  let peak = v128.bitselect(v128.load(last), f32x4.splat(-Infinity), tail);
  for (let p = row; p < last; p += 16) peak = f32x4.pmax(v128.load(p), peak);
  return largest(peak);
}

/**
 * Turns one row of logits into weight · (softmax − one-hot), in place, and returns Σ e^(z − peak). Lanes past the classes stay
 * zero. `tail`: the mask of the last vector.
 */
// @ts-ignore: decorator
@inline
function softmaxRow(row: usize, label: i32, weight: f32, peak: f32, last: usize, tail: v128): f32 {
  const shift = f32x4.splat(peak);
  let sums = v128.and(expNonPositive(f32x4.sub(v128.load(last), shift)), tail);
  v128.store(last, sums);
  for (let p = row; p < last; p += 16) {
    const e = expNonPositive(f32x4.sub(v128.load(p), shift));
    v128.store(p, e);
    sums = f32x4.add(sums, e);
  }
  const sum = total(sums);
  const scale = f32x4.splat(weight / sum);
  for (let p = row; p <= last; p += 16) v128.store(p, f32x4.mul(v128.load(p), scale));
  const truth = row + (<usize>label << 2);
  f32.store(truth, f32.load(truth) - weight);
  return sum;
}

/**
 * Σ cross-entropy over rows; each row becomes its gradient. Without weights, takes one logarithm, of the product of all rows'
 * sums: 64 rows of a thousand classes give at most 1000^64, which float64 can hold.
 */
function softmaxRows(logits: usize, labels: usize, weights: usize, count: i32, classes: i32, slabs: i32): f64 {
  const rowBytes = <usize>slabs << 5;
  const tail = laneMask(classes);
  const lastVector = <usize>((classes - 1) >> 2) << 4;
  let loss: f64 = 0;
  let product: f64 = 1;
  for (let r = 0; r < count; r++) {
    const row = logits + <usize>r * rowBytes;
    const label = load<i32>(labels + (<usize>r << 2));
    const weight: f32 = weights ? f32.load(weights + (<usize>label << 2)) : 1;
    const peak = peakOf(row, row + lastVector, tail);
    const margin = <f64>peak - <f64>f32.load(row + (<usize>label << 2));
    const sum = softmaxRow(row, label, weight, peak, row + lastVector, tail);
    if (weights) loss += <f64>weight * (margin + log(<f64>sum));
    else {
      loss += margin;
      product *= <f64>sum;
    }
  }
  return loss + log(product);
}

/** Turns one row of logits into sigmoid − target, in place. Returns Σ binary cross-entropy. `bits`: one byte per slab. */
function sigmoidRow(row: usize, bits: usize, weights: usize, outputs: i32): f64 {
  let loss: f64 = 0;
  for (let k = 0; k < outputs; k++) {
    const at = row + (<usize>k << 2);
    const z = f32.load(at);
    const set = (load<u8>(bits + (<usize>k >> 3)) >> <u8>(k & 7)) & 1;
    const weight: f32 = set && weights ? f32.load(weights + (<usize>k << 2)) : 1;
    const e = f32x4.extract_lane(expNonPositive(f32x4.splat(-abs(z))), 0);
    const p: f32 = z >= 0 ? 1 / (1 + e) : e / (1 + e);
    f32.store(at, weight * (p - <f32>set));
    loss += <f64>weight * (<f64>max(z, <f32>0) - (set ? <f64>z : 0) + log(1.0 + <f64>e));
  }
  return loss;
}

/** Turns one output into its distance from `value`, in place. Returns half its square. */
// @ts-ignore: decorator
@inline
function squaredRow(row: usize, value: f32): f64 {
  const distance = f32.load(row) - value;
  f32.store(row, distance);
  return 0.5 * <f64>distance * <f64>distance;
}

export const SOFTMAX: i32 = 0;
export const SIGMOID: i32 = 1;
export const SQUARED: i32 = 2;

/**
 * The gradient of `loss` over `outputs` [rows][slabs · 8], in place. Rows from `count` on and padded lanes become 0. Returns Σ
 * loss. `targets`, row by row: int32 classes, bits with one byte per slab, or float32 values.
 */
export function lossGradient(
  loss: i32, logits: usize, targets: usize, weights: usize, rows: i32, count: i32, outputs: i32, slabs: i32,
): f64 {
  const rowBytes = <usize>slabs << 5;
  let sum: f64 = 0;
  if (loss == SOFTMAX) sum = softmaxRows(logits, targets, weights, count, outputs, slabs);
  else for (let r = 0; r < count; r++) {
    const row = logits + <usize>r * rowBytes;
    sum += loss == SIGMOID
      ? sigmoidRow(row, targets + <usize>r * <usize>slabs, weights, outputs)
      : squaredRow(row, f32.load(targets + (<usize>r << 2)));
  }
  memory.fill(logits + <usize>count * rowBytes, 0, <usize>(rows - count) * rowBytes);
  return sum;
}
