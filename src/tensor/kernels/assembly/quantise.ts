// Weights and gradients into 16-bit fixed point, and rows into columns, for the products of fixed-products.ts. Every row, and
// every class, is scaled by its own length: by Cauchy-Schwarz no sum of products can then leave 32 bits, whatever the data.
import { LARGEST, toIntegers } from "./integers";

/** Length of a class's weights: (64,000 + √4096/2) · (33,500 + √4096/2) < 2^31, what rounding adds at 4,096 dimensions included. */
export const WEIGHTS_LENGTH: f32 = 33500;

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

/** Eight dimensions of x [rows], `xBytes` apart, → out [8][64]. Rows: a multiple of four, which then come twice. */
export function gatherColumns(x: usize, xBytes: usize, out: usize, rows: i32): void {
  const fours = xBytes << 2;
  for (let r = 0; r < rows; r += 8, x += fours << 1, out += 16)
    transposeEight(x, r + 4 < rows ? x + fours : x, xBytes, out);
}

/** Eight numbers of 16 bits of four rows from `x` on and four from `y` on; rows of `out` are 128 bytes apart. */
// @ts-ignore: decorator
@inline
function transposeEight(x: usize, y: usize, bytes: usize, out: usize): void {
  const r0 = v128.load(x), r1 = v128.load(x + bytes), r2 = v128.load(x + 2 * bytes), r3 = v128.load(x + 3 * bytes);
  const r4 = v128.load(y), r5 = v128.load(y + bytes), r6 = v128.load(y + 2 * bytes), r7 = v128.load(y + 3 * bytes);
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
