// Quantises weights and gradients to 16-bit fixed point, in the layout of fixed-products.ts. Each row and each class is scaled
// by its own length: by Cauchy-Schwarz no sum of products can then overflow 32 bits, whatever the data.
import { LARGEST, toIntegers } from "./integers";
import { firsts, seconds } from "./lanes";

/**
 * Length of a class's weights: (64,000 + √4096/2) · (33,500 + √4096/2) < 2^31, which includes the effect of rounding at 4,096
 * dimensions.
 */
export const WEIGHTS_LENGTH: f32 = 33500;

/**
 * Eight classes: g float32 [rows], rows `rowBytes` apart, each times its `factor` where that is not 0 → out [rows / 2][8][2],
 * rows in pairs, and units [8]. `length`: length of a class as integers. The number of rows is even.
 */
export function quantisePairs(
  g: usize, rowBytes: usize, factor: usize, rows: i32, length: f32, out: usize, units: usize,
): void {
  pairsOfFour(g, rowBytes, factor, rows, length, out, units);
  pairsOfFour(g + 16, rowBytes, factor, rows, length, out + 16, units + 16);
}

/** Eight classes: w float32 [dims][8] → out [8][dims], and units [8]. `length`: as above; dims: a multiple of eight. */
export function quantiseClasses(w: usize, dims: i32, length: f32, out: usize, units: usize): void {
  classesOfFour(w, dims, length, out, units);
  classesOfFour(w + 16, dims, length, out + (<usize>dims << 3), units + 16);
}

function pairsOfFour(g: usize, rowBytes: usize, factor: usize, rows: i32, length: f32, out: usize, units: usize): void {
  const unit = unitsOfFour(g, rowBytes, factor, rows, length), scale = inverseOf(unit);
  v128.store(units, unit);
  for (let r = 0; r < rows; r += 2, g += rowBytes << 1, out += 32) {
    const even = toIntegers(f32x4.mul(rowOf(g, factor, r), scale));
    const odd = toIntegers(f32x4.mul(rowOf(g + rowBytes, factor, r + 1), scale));
    v128.store(out, v128.or(v128.and(even, i32x4.splat(0xffff)), i32x4.shl(odd, 16)));
  }
}

function classesOfFour(w: usize, dims: i32, length: f32, out: usize, units: usize): void {
  const unit = unitsOfFour(w, 32, 0, dims, length), scale = inverseOf(unit);
  const bytes = <usize>dims << 1;
  v128.store(units, unit);
  for (const end = out + bytes; out < end; out += 16, w += 256) {
    const a = twoDimensions(w, scale), b = twoDimensions(w + 64, scale);
    const c = twoDimensions(w + 128, scale), d = twoDimensions(w + 192, scale);
    storePair(out, bytes, firstClasses(a, b), firstClasses(c, d));
    storePair(out + 2 * bytes, bytes, lastClasses(a, b), lastClasses(c, d));
  }
}

/** The units of four classes: 0 for a class of zeros, not finite where a number is not finite. */
function unitsOfFour(x: usize, rowBytes: usize, factor: usize, rows: i32, length: f32): v128 {
  let squares = f32x4.splat(0), largest = squares;
  for (let r = 0; r < rows; r++, x += rowBytes) {
    const value = rowOf(x, factor, r);
    squares = f32x4.add(squares, f32x4.mul(value, value));
    largest = f32x4.pmax(f32x4.abs(value), largest);
  }
  // The larger of the units that the two bounds require.
  return f32x4.pmax(
    f32x4.mul(f32x4.sqrt(squares), f32x4.splat(1 / length)),
    f32x4.mul(largest, f32x4.splat(1 / LARGEST)),
  );
}

// @ts-ignore: decorator
@inline
function inverseOf(unit: v128): v128 {
  return v128.and(f32x4.div(f32x4.splat(1), unit), f32x4.gt(unit, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function rowOf(x: usize, factor: usize, r: i32): v128 {
  return factor ? f32x4.mul(v128.load(x), v128.load32_splat(factor + (<usize>r << 2))) : v128.load(x);
}

/** Four classes of two dimensions. */
// @ts-ignore: decorator
@inline
function twoDimensions(w: usize, scale: v128): v128 {
  return i16x8.narrow_i32x4_s(
    toIntegers(f32x4.mul(v128.load(w), scale)),
    toIntegers(f32x4.mul(v128.load(w, 32), scale)),
  );
}

/** Four dimensions of the first class, then four of the second. */
// @ts-ignore: decorator
@inline
function firstClasses(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 4, 8, 12, 1, 5, 9, 13);
}

// @ts-ignore: decorator
@inline
function lastClasses(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 2, 6, 10, 14, 3, 7, 11, 15);
}

/** Stores eight dimensions of two classes, given as two groups of four. */
// @ts-ignore: decorator
@inline
function storePair(out: usize, bytes: usize, four: v128, next: v128): void {
  v128.store(out, firsts(four, next));
  v128.store(out + bytes, seconds(four, next));
}
