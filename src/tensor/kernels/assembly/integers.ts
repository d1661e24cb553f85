// Stored feature rows: 16-bit integers with one unit per row. This takes half the memory of float32 and half the bytes to
// stream, and fixed-point products read it in place. All kernels see the same values, so results do not depend on how rows are
// stored.
//
// The unit is chosen from the row's length or from its largest number, whichever needs the larger unit: then no integer
// overflows 16 bits, and by Cauchy-Schwarz no sum of products overflows 32. Layout: the unit as float32; the magnitude of the
// largest integer; eight unused bytes, which keep the row stride off powers of two, where rows would share the same few lines
// of the L1 cache; then the integers [dims], a multiple of eight.
import { MOST } from "./half";
import { largest, total } from "./lanes";

/**
 * Length of a row in integers. If a row has 4,096 numbers of equal size, each is then 1,000: a third more precise than a half.
 */
export const ROW_LENGTH: f32 = 64000;
export const LARGEST: f32 = 32767;
/** Smallest unit. Rows below it are stored as zero, because the inverse of their unit would be infinite. */
const LEAST_UNIT: f32 = 1e-34;

const HEADER: usize = 16;
const TO_INTEGER: f32 = 12582912; // 1.5 · 2^23: adding it to a float below 2^22 leaves the nearest integer in the low bits
const TO_INTEGER_BITS: i32 = 0x4b400000;

/** Bytes from one row to the next. */
// @ts-ignore: decorator
@inline
export function integerRowBytes(dims: i32): usize {
  return HEADER + (<usize>dims << 1);
}

/** Address of the integers of the row at `x`. */
// @ts-ignore: decorator
@inline
export function integersOf(x: usize): usize {
  return x + HEADER;
}

/** Magnitude of the largest integer in `rows` rows. */
export function largestInteger(x: usize, rows: i32, rowBytes: usize): i32 {
  let largest = 0;
  for (let r = 0; r < rows; r++, x += rowBytes) largest = max(largest, load<i32>(x, 4));
  return largest;
}

/** Nearest integers, ties to even. */
// @ts-ignore: decorator
@inline
export function toIntegers(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, f32x4.splat(TO_INTEGER)), i32x4.splat(TO_INTEGER_BITS));
}

// @ts-ignore: decorator
@inline
function scaled(x: usize, mean: usize, inverse: usize): v128 {
  const value = f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean)), v128.load(inverse));
  return f32x4.pmin(f32x4.pmax(value, f32x4.splat(-MOST)), f32x4.splat(MOST));
}

/**
 * (x − mean) · inverse as integers. x: float32 [rows][dims] without padding, readable and finite for seven floats past its end;
 * out: `integerRowBytes(padded)` per row; mean and inverse: [padded], zero past dims, which makes the padding zero.
 */
export function encodeIntegers(
  x: usize, mean: usize, inverse: usize, out: usize, rows: i32, dims: i32, padded: i32,
): void {
  for (let r = 0; r < rows; r++) {
    encodeRow(x + ((<usize>r * <usize>dims) << 2), mean, inverse, out, <usize>padded << 2);
    out += integerRowBytes(padded);
  }
}

// @ts-ignore: decorator
@inline
function encodeRow(x: usize, mean: usize, inverse: usize, out: usize, bytes: usize): void {
  const unit = unitOf(x, mean, inverse, bytes);
  const scale = f32x4.splat(unit > 0 ? 1 / unit : 0);
  let sizes = i16x8.splat(0), to = integersOf(out);
  for (let d: usize = 0; d < bytes; d += 32, to += 16) {
    const low = toIntegers(f32x4.mul(scaled(x + d, mean + d, inverse + d), scale));
    const high = toIntegers(f32x4.mul(scaled(x + d + 16, mean + d + 16, inverse + d + 16), scale));
    const eight = i16x8.narrow_i32x4_s(low, high);
    sizes = i16x8.max_s(sizes, i16x8.abs(eight));
    v128.store(to, eight);
  }
  v128.store(out, i32x4.splat(0));
  f32.store(out, unit);
  store<i32>(out, largestOf(sizes), 4);
}

/** The unit of a row: the value of integer 1; 0 where all numbers are zero. */
// @ts-ignore: decorator
@inline
function unitOf(x: usize, mean: usize, inverse: usize, bytes: usize): f32 {
  let squares = f32x4.splat(0), more = squares, peaks = squares;
  for (let d: usize = 0; d < bytes; d += 32) {
    const low = scaled(x + d, mean + d, inverse + d), high = scaled(x + d + 16, mean + d + 16, inverse + d + 16);
    squares = f32x4.add(squares, f32x4.mul(low, low));
    more = f32x4.add(more, f32x4.mul(high, high));
    peaks = f32x4.pmax(f32x4.pmax(peaks, f32x4.abs(low)), f32x4.abs(high));
  }
  const unit = max(sqrt<f32>(total(f32x4.add(squares, more))) / ROW_LENGTH, largest(peaks) / LARGEST);
  return unit < LEAST_UNIT ? 0 : unit;
}

// @ts-ignore: decorator
@inline
function largestOf(v: v128): i32 {
  v = i16x8.max_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  v = i16x8.max_s(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
  return max(<i32>i16x8.extract_lane_s(v, 0), <i32>i16x8.extract_lane_s(v, 1));
}

/** Integer rows x to float32 [rows][stride]; dims is a multiple of eight. */
export function decodeIntegers(x: usize, out: usize, rows: i32, dims: i32, stride: i32): void {
  for (let r = 0; r < rows; r++) {
    const unit = v128.load32_splat(x);
    let to = out + ((<usize>r * <usize>stride) << 2);
    const end = to + (<usize>dims << 2);
    for (let from = integersOf(x); to < end; to += 32, from += 16) {
      const eight = v128.load(from);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)), unit));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)), unit), 16);
    }
    x += integerRowBytes(dims);
  }
}
