// Quantises float32 rows to 16-bit integers, one unit for each row, in the layout of the integer products.
import { firsts, high, low, seconds } from "../../../tensor/kernels/assembly/lanes";

const TO_INTEGER: f32 = 12582912; // 1.5 · 2^23: adding it leaves the nearest integer, ties to even, in the low bits
const TO_INTEGER_BITS: i32 = 0x4b400000;
/** Rows whose largest number is smaller become zeros: the inverse of their unit might overflow. */
const LEAST: f32 = 1e-30;

/**
 * packed [rows / 4][inputs / 2][4 rows][2] = round(x[row] / units[row]), units[row] = max |x[row]| / most. x: float32 [rows][inputs],
 * each channel times its factor in `smooth`, unless that is 0. An odd count of inputs and the last four rows are padded with zeros.
 */
export function quantiseRows(
  x: usize, smooth: usize, packed: usize, units: usize, rows: i32, inputs: i32, most: i32,
): void {
  const rowBytes = <usize>inputs << 2;
  const blockBytes = (<usize>(inputs + 1) >> 1) << 4;
  for (let r = 0; r < rows; r += 4, units += 16, packed += blockBytes) {
    const x0 = x + <usize>r * rowBytes, last = x + <usize>(rows - 1) * rowBytes;
    const x1 = min(x0 + rowBytes, last), x2 = min(x1 + rowBytes, last), x3 = min(x2 + rowBytes, last);
    const i0 = inverseOf(x0, smooth, rowBytes, most, units, true);
    const i1 = inverseOf(x1, smooth, rowBytes, most, units + 4, r + 1 < rows);
    const i2 = inverseOf(x2, smooth, rowBytes, most, units + 8, r + 2 < rows);
    const i3 = inverseOf(x3, smooth, rowBytes, most, units + 12, r + 3 < rows);
    packFour(x0, x1, x2, x3, i0, i1, i2, i3, smooth, packed, rowBytes);
  }
}

/** Stores the unit of a row. Returns its inverse; 0 for padding and for rows of zeros. A row that holds NaN gets the unit NaN. */
function inverseOf(x: usize, smooth: usize, rowBytes: usize, most: i32, unit: usize, isReal: bool): f32 {
  const size = isReal ? sizeOf(x, smooth, rowBytes) : 0;
  f32.store(unit, size < LEAST ? 0 : size / <f32>most);
  return size < LEAST ? 0 : <f32>most / size;
}

/** The largest |x| of a row. Sizes are compared as integers, so that NaN is the largest. */
function sizeOf(x: usize, smooth: usize, rowBytes: usize): f32 {
  const wide = rowBytes & ~15, bits = i32x4.splat(0x7fffffff);
  let four = i32x4.splat(0), at: usize = 0;
  if (smooth == 0) for (; at < wide; at += 16) four = i32x4.max_s(four, v128.and(v128.load(x + at), bits));
  else for (; at < wide; at += 16) four = i32x4.max_s(four, v128.and(f32x4.mul(v128.load(x + at), v128.load(smooth + at)), bits));
  let size = max(max(i32x4.extract_lane(four, 0), i32x4.extract_lane(four, 1)), max(i32x4.extract_lane(four, 2), i32x4.extract_lane(four, 3)));
  for (; at < rowBytes; at += 4) size = max(size, reinterpret<i32>(factored(x, smooth, at)) & 0x7fffffff);
  return reinterpret<f32>(size);
}

// @ts-ignore: decorator
@inline
function factored(x: usize, smooth: usize, at: usize): f32 {
  return smooth == 0 ? f32.load(x + at) : f32.load(x + at) * f32.load(smooth + at);
}

/** Four numbers of a row as 32-bit integers. */
// @ts-ignore: decorator
@inline
function integers(x: v128, inverse: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(x, inverse), f32x4.splat(TO_INTEGER)), i32x4.splat(TO_INTEGER_BITS));
}

// @ts-ignore: decorator
@inline
function smoothed(x: usize, smooth: usize, at: usize): v128 {
  return smooth == 0 ? v128.load(x + at) : f32x4.mul(v128.load(x + at), v128.load(smooth + at));
}

function packFour(
  x0: usize, x1: usize, x2: usize, x3: usize, i0: f32, i1: f32, i2: f32, i3: f32, smooth: usize, packed: usize, rowBytes: usize,
): void {
  const v0 = f32x4.splat(i0), v1 = f32x4.splat(i1), v2 = f32x4.splat(i2), v3 = f32x4.splat(i3);
  const wide = rowBytes & ~15;
  let at: usize = 0;
  for (; at < wide; at += 16, packed += 32) {
    const a = i16x8.narrow_i32x4_s(integers(smoothed(x0, smooth, at), v0), integers(smoothed(x1, smooth, at), v1));
    const b = i16x8.narrow_i32x4_s(integers(smoothed(x2, smooth, at), v2), integers(smoothed(x3, smooth, at), v3));
    v128.store(packed, v128.shuffle<i32>(a, b, 0, 2, 4, 6));
    v128.store(packed, v128.shuffle<i32>(a, b, 1, 3, 5, 7), 16);
  }
  for (; at < rowBytes; at += 8, packed += 16) {
    const isPair = at + 4 < rowBytes;
    store<u32>(packed, pairOf(x0, smooth, at, i0, isPair));
    store<u32>(packed, pairOf(x1, smooth, at, i1, isPair), 4);
    store<u32>(packed, pairOf(x2, smooth, at, i2, isPair), 8);
    store<u32>(packed, pairOf(x3, smooth, at, i3, isPair), 12);
  }
}

function pairOf(x: usize, smooth: usize, at: usize, inverse: f32, isPair: bool): u32 {
  const first = integerOf(factored(x, smooth, at) * inverse);
  return isPair ? first | (integerOf(factored(x, smooth, at + 4) * inverse) << 16) : first;
}

// @ts-ignore: decorator
@inline
function integerOf(x: f32): u32 {
  return (reinterpret<i32>(x + TO_INTEGER) - TO_INTEGER_BITS) & 0xffff;
}

/**
 * As `quantiseRows`, but to 256 steps from the smallest to the largest number of a row, or to zero: what the kernels of TensorFlow Lite
 * do before they multiply with int8. The integers are counted from that of zero. x is overwritten with them.
 */
export function roundRows(x: usize, packed: usize, units: usize, rows: i32, inputs: i32): void {
  const rowBytes = <usize>inputs << 2;
  const blockBytes = (<usize>(inputs + 1) >> 1) << 4;
  for (let r = 0; r < rows; r += 4, units += 16, packed += blockBytes) {
    const x0 = x + <usize>r * rowBytes, last = x + <usize>(rows - 1) * rowBytes;
    const x1 = min(x0 + rowBytes, last), x2 = min(x1 + rowBytes, last), x3 = min(x2 + rowBytes, last);
    roundRow(x0, rowBytes, units);
    for (let beside = 1; beside < 4; beside++) {
      const unit = units + (<usize>beside << 2);
      if (r + beside < rows) roundRow(x0 + <usize>beside * rowBytes, rowBytes, unit);
      else f32.store(unit, 0);
    }
    packFour(x0, x1, x2, x3, 1, real(r + 1 < rows), real(r + 2 < rows), real(r + 3 < rows), 0, packed, rowBytes);
  }
}

// @ts-ignore: decorator
@inline
function real(isReal: bool): f32 {
  return isReal ? 1 : 0;
}

const STEPS: f32 = 255, LOWEST: f32 = -128, HIGHEST: f32 = 127;

/** Rounds one row in place, and writes the unit of its integers to `unit`. */
export function roundRow(x: usize, rowBytes: usize, unit: usize): void {
  const end = x + rowBytes;
  let least: f32 = 0, most: f32 = 0;
  for (let at = x; at < end; at += 4) {
    least = min(least, f32.load(at)); // keeps NaN
    most = max(most, f32.load(at));
  }
  const scale = (most - least) / STEPS;
  const inverse: f32 = scale < LEAST ? 0 : <f32>1 / scale;
  const zero = min(max(nearest(LOWEST - least * inverse), LOWEST), HIGHEST);
  f32.store(unit, scale < LEAST ? 0 : scale);
  for (let at = x; at < end; at += 4)
    f32.store(at, min(max(nearest(f32.load(at) * inverse), LOWEST - zero), HIGHEST - zero));
}

/** packed [rows / 4][inputs][4 rows] = x [rows][inputs] · smooth, in float32, padded with zeros. */
export function packRows(x: usize, smooth: usize, packed: usize, rows: i32, inputs: i32): void {
  const rowBytes = <usize>inputs << 2, wide = rowBytes & ~15;
  for (let r = 0; r < rows; r += 4) {
    const x0 = x + <usize>r * rowBytes, last = x + <usize>(rows - 1) * rowBytes;
    const x1 = min(x0 + rowBytes, last), x2 = min(x1 + rowBytes, last), x3 = min(x2 + rowBytes, last);
    const real = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rows - r));
    let at: usize = 0;
    for (; at < wide; at += 16, packed += 64) {
      const a = smoothed(x0, smooth, at), b = smoothed(x1, smooth, at), c = smoothed(x2, smooth, at), d = smoothed(x3, smooth, at);
      const ab = low(a, b), cd = low(c, d), ef = high(a, b), gh = high(c, d);
      v128.store(packed, v128.and(firsts(ab, cd), real));
      v128.store(packed, v128.and(seconds(ab, cd), real), 16);
      v128.store(packed, v128.and(firsts(ef, gh), real), 32);
      v128.store(packed, v128.and(seconds(ef, gh), real), 48);
    }
    for (; at < rowBytes; at += 4, packed += 16) {
      const four = f32x4(factored(x0, smooth, at), factored(x1, smooth, at), factored(x2, smooth, at), factored(x3, smooth, at));
      v128.store(packed, v128.and(four, real));
    }
  }
}
