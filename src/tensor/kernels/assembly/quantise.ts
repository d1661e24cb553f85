// Float32 into 16-bit fixed point for the products of fixed-products.ts. Every row, and every class, is scaled by its own
// length: by Cauchy-Schwarz no sum of products can then leave 32 bits, whatever the data.

/** Length of a row as integers: no number is larger than that, and with a class's weights products stay below 2^31. */
const ROW_LENGTH: f32 = 32000;
/** Length of a class's weights: (32,000 + √4096/2) · (66,000 + √4096/2) < 2^31, what rounding adds at 4,096 dimensions included. */
export const WEIGHTS_LENGTH: f32 = 66000;
const LARGEST: f32 = 32767;

const TO_INTEGER: f32 = 12582912; // 1.5 · 2^23: added to a float below 2^22, it leaves the nearest integer in the low bits
const TO_INTEGER_BITS: i32 = 0x4b400000;

// @ts-ignore: decorator
@inline
function toIntegers(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, f32x4.splat(TO_INTEGER)), i32x4.splat(TO_INTEGER_BITS));
}

/**
 * x: float32 [rows][stride] → out [rows][dims]; inverse [rows]: what a row's integers are to be multiplied with. Returns the
 * size of the largest integer.
 */
export function quantiseRows(x: usize, out: usize, inverse: usize, rows: i32, dims: i32, stride: i32): f32 {
  const bytes = <usize>dims << 2;
  let largest = i16x8.splat(0);
  for (let r = 0; r < rows; r++) {
    const length = lengthOf(x, bytes);
    const scale = f32x4.splat(length > 0 ? ROW_LENGTH / length : 0);
    f32.store(inverse, length / ROW_LENGTH);
    for (let d: usize = 0; d < bytes; d += 32) {
      const low = toIntegers(f32x4.mul(v128.load(x + d), scale));
      const high = toIntegers(f32x4.mul(v128.load(x + d, 16), scale));
      const eight = i16x8.narrow_i32x4_s(low, high);
      largest = i16x8.max_s(largest, i16x8.abs(eight));
      v128.store(out, eight);
      out += 16;
    }
    x += <usize>stride << 2;
    inverse += 4;
  }
  return <f32>largestOf(largest);
}

// @ts-ignore: decorator
@inline
function largestOf(v: v128): i32 {
  v = i16x8.max_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  v = i16x8.max_s(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
  return max(<i32>i16x8.extract_lane_s(v, 0), <i32>i16x8.extract_lane_s(v, 1));
}

/** Square root of the sum of squares of `bytes` of floats, a multiple of 32 bytes. */
// @ts-ignore: decorator
@inline
function lengthOf(x: usize, bytes: usize): f32 {
  let a = f32x4.splat(0), b = a;
  for (let d: usize = 0; d < bytes; d += 32) {
    const low = v128.load(x + d), high = v128.load(x + d, 16);
    a = f32x4.add(a, f32x4.mul(low, low));
    b = f32x4.add(b, f32x4.mul(high, high));
  }
  return sqrt<f32>(totalOf(f32x4.add(a, b)));
}

// @ts-ignore: decorator
@inline
function totalOf(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/**
 * Eight classes: x float32 [rows], `rowBytes` apart, each times its `factor` where that is not 0, → out [rows / 2][8][2], and
 * inverse [8]. `length`: of a class as integers. Rows: an even number.
 */
export function quantiseClasses(
  x: usize, rowBytes: usize, factor: usize, rows: i32, length: f32, out: usize, inverse: usize,
): void {
  quantiseFour(x, rowBytes, factor, rows, length, out, inverse);
  quantiseFour(x + 16, rowBytes, factor, rows, length, out + 16, inverse + 16);
}

// @ts-ignore: decorator
@inline
function rowOf(x: usize, factor: usize, r: i32): v128 {
  return factor ? f32x4.mul(v128.load(x), v128.load32_splat(factor + (<usize>r << 2))) : v128.load(x);
}

function quantiseFour(
  x: usize, rowBytes: usize, factor: usize, rows: i32, length: f32, out: usize, inverse: usize,
): void {
  let squares = f32x4.splat(0), largest = squares;
  for (let r = 0, at = x; r < rows; r++, at += rowBytes) {
    const value = rowOf(at, factor, r);
    squares = f32x4.add(squares, f32x4.mul(value, value));
    largest = f32x4.pmax(f32x4.abs(value), largest);
  }
  // The larger of what either bound makes of one unit: a class of zeros gets scale 0, an infinite one NaN.
  const unit = f32x4.pmax(
    f32x4.mul(f32x4.sqrt(squares), f32x4.splat(1 / length)),
    f32x4.mul(largest, f32x4.splat(1 / LARGEST)),
  );
  const scale = v128.and(f32x4.div(f32x4.splat(1), unit), f32x4.gt(unit, f32x4.splat(0)));
  v128.store(inverse, unit);
  for (let r = 0, at = x; r < rows; r += 2, at += rowBytes << 1, out += 32) {
    const even = toIntegers(f32x4.mul(rowOf(at, factor, r), scale));
    const odd = toIntegers(f32x4.mul(rowOf(at + rowBytes, factor, r + 1), scale));
    v128.store(out, v128.or(v128.and(even, i32x4.splat(0xffff)), i32x4.shl(odd, 16)));
  }
}

/** x [rows][dims] → out [dims][64]; rows: a multiple of eight. */
export function transposeRows(x: usize, out: usize, rows: i32, dims: i32): void {
  for (let d = 0; d < dims; d += 8, out += 1024) {
    for (let r = 0; r < rows; r += 8) {
      transposeEight(x + ((<usize>r * <usize>dims + <usize>d) << 1), <usize>dims << 1, out + (<usize>r << 1));
    }
  }
}

/** Eight by eight numbers of 16 bits; rows of `out` are 128 bytes apart. */
// @ts-ignore: decorator
@inline
function transposeEight(x: usize, xBytes: usize, out: usize): void {
  const r0 = v128.load(x), r1 = v128.load(x + xBytes), r2 = v128.load(x + 2 * xBytes), r3 = v128.load(x + 3 * xBytes);
  x += xBytes << 2;
  const r4 = v128.load(x), r5 = v128.load(x + xBytes), r6 = v128.load(x + 2 * xBytes), r7 = v128.load(x + 3 * xBytes);
  fourColumns(low16(r0, r1), low16(r2, r3), low16(r4, r5), low16(r6, r7), out);
  fourColumns(high16(r0, r1), high16(r2, r3), high16(r4, r5), high16(r6, r7), out + 512);
}

/** Pairs of rows, four dimensions each, into four dimensions with all eight rows. */
// @ts-ignore: decorator
@inline
function fourColumns(a: v128, b: v128, c: v128, d: v128, out: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(out, v128.shuffle<i64>(ab, cd, 1, 3), 128);
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ef, gh, 0, 2), 256);
  v128.store(out, v128.shuffle<i64>(ef, gh, 1, 3), 384);
}

// @ts-ignore: decorator
@inline
function low16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function high16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
