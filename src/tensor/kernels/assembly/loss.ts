// The losses of the three tasks over a block of outputs, written over them as the gradient. No tables: the module owns no
// memory. `weights`, where not 0, are [slabs · 8]: how much an example of each class, or a label that is set, counts.

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const SQRT2: f64 = 1.4142135623730951;
const LN2: f64 = 0.6931471805599453;

/** e^x for x <= 0, four at a time: Cephes expf (Moshier 1984), error below 2 ulp; e^-87.3 below -87.3. */
// @ts-ignore: decorator
@inline
function expNonPositive(x: v128): v128 {
  x = f32x4.max(x, f32x4.splat(-87.33654));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), y), r), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, scale);
}

/** ln x for normal x > 0, by the atanh series on the mantissa: error below 1e-13. */
function log(x: f64): f64 {
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

/** Turns one row of logits into softmax minus one-hot, in place; returns its cross-entropy. Lanes past `classes` become 0. */
function softmaxRow(row: usize, label: i32, weights: usize, classes: i32, slabs: i32): f64 {
  const end = row + (<usize>slabs << 5);
  for (let k = classes; k < slabs << 3; k++) f32.store(row + (<usize>k << 2), -Infinity);
  let peak = v128.load(row);
  for (let p = row + 16; p < end; p += 16) peak = f32x4.max(peak, v128.load(p));
  const top = max(
    max(f32x4.extract_lane(peak, 0), f32x4.extract_lane(peak, 1)),
    max(f32x4.extract_lane(peak, 2), f32x4.extract_lane(peak, 3)),
  );
  const margin = <f64>top - <f64>f32.load(row + (<usize>label << 2));
  const shift = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let p = row; p < end; p += 16) {
    const e = expNonPositive(f32x4.sub(v128.load(p), shift));
    v128.store(p, e);
    sums = f32x4.add(sums, e);
  }
  // The clamp leaves e^-87 in padded lanes: below what a float32 sum that holds a 1 can see.
  const total =
    f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  const weight: f32 = weights ? f32.load(weights + (<usize>label << 2)) : 1;
  const scale = f32x4.splat(weight / total);
  for (let p = row; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), scale));
  for (let k = classes; k < slabs << 3; k++) f32.store(row + (<usize>k << 2), 0);
  const truth = row + (<usize>label << 2);
  f32.store(truth, f32.load(truth) - weight);
  return <f64>weight * (margin + log(<f64>total));
}

/** One row of logits into sigmoid minus target, in place; returns Σ binary cross-entropy. `bits`: a byte a slab. */
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

/** One output into its distance from `value`, in place; returns half its square. */
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
 * The gradient of `loss` over `outputs` [rows][slabs · 8], in place; rows from `count` on and padded lanes become 0. Returns
 * the sum of the loss. `targets`: int32 classes, bits with a byte a slab, or float32 values, row by row.
 */
export function lossGradient(
  loss: i32, logits: usize, targets: usize, weights: usize, rows: i32, count: i32, outputs: i32, slabs: i32,
): f64 {
  const rowBytes = <usize>slabs << 5;
  let sum: f64 = 0;
  for (let r = 0; r < count; r++) {
    const row = logits + <usize>r * rowBytes;
    if (loss == SOFTMAX) sum += softmaxRow(row, load<i32>(targets + (<usize>r << 2)), weights, outputs, slabs);
    else {
      sum += loss == SIGMOID
        ? sigmoidRow(row, targets + <usize>r * <usize>slabs, weights, outputs)
        : squaredRow(row, f32.load(targets + (<usize>r << 2)));
      for (let k = outputs; k < slabs << 3; k++) f32.store(row + (<usize>k << 2), 0);
    }
  }
  memory.fill(logits + <usize>count * rowBytes, 0, <usize>(rows - count) * rowBytes);
  return sum;
}
