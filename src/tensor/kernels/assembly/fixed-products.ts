// x · w of 16-bit integers: eight multiplications per instruction, where float32 has four. Sums are exact, so their order does
// not matter. The caller scales the factors so that no sum overflows 32 bits.
//
// A slab of eight classes stores its weights by pairs of dimensions, [dims / 2][8][2]. Numbers of x are spread by shuffles:
// this saves loads, and the engine checks the bounds of each load. A slab of four or fewer classes stores its weights by class,
// [classes][dims], and two classes are processed at a time: the wide layout would compute four.
import { integersOf } from "./integers";
import { firsts, high, low, seconds } from "./lanes";

// @ts-ignore: decorator
@inline
export function add(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/** Adds four integer sums, as float32 times their scales, to the values at `at`. */
// @ts-ignore: decorator
@inline
export function addScaled(at: usize, sums: v128, scale: v128): void {
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(f32x4.convert_i32x4_s(sums), scale)));
}

/**
 * out[r][8] += unit[r] · unit[8] · Σ_d x[r][d] · w[d][8]. x: rows of integers, `xBytes` apart, a multiple of four rows; w:
 * [dims / 2][8][2]; outBytes: bytes between two rows of out.
 */
export function addFixedProducts(
  x: usize, xBytes: usize, w: usize, dims: i32, units: usize, out: usize, outBytes: usize, rows: i32,
): void {
  for (let r: usize = 0; r < <usize>rows; r += 4) eightClasses(x + r * xBytes, xBytes, w, dims, units, out + r * outBytes, outBytes);
}

/** As `addFixedProducts`, for up to four classes. w: [classes][dims], with one class of zeros appended if the count is odd. */
export function addNarrowFixedProducts(
  x: usize, xBytes: usize, w: usize, dims: i32, units: usize, out: usize, outBytes: usize, rows: i32, classes: i32,
): void {
  for (let k: usize = 0; k < <usize>classes; k += 2, w += <usize>dims << 2)
    for (let r: usize = 0; r < <usize>rows; r += 4)
      twoClasses(x + r * xBytes, xBytes, w, <usize>dims << 1, units + (k << 2), out + r * outBytes + (k << 2), outBytes);
}

/** Four rows against eight classes. */
// @ts-ignore: decorator
@inline
function eightClasses(x: usize, xBytes: usize, w: usize, dims: i32, units: usize, out: usize, outBytes: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const x0 = integersOf(x), x1 = x0 + xBytes, x2 = x1 + xBytes, x3 = x2 + xBytes;
  const end = <usize>dims << 1;
  let w0: v128, w1: v128, s: v128;
  for (let at: usize = 0; at < end; at += 16) {
    const v0 = v128.load(x0 + at), v1 = v128.load(x1 + at), v2 = v128.load(x2 + at), v3 = v128.load(x3 + at);

    w0 = v128.load(w, 0); w1 = v128.load(w, 16);
    s = v128.shuffle<i32>(v0, v0, 0, 0, 0, 0); s00 = add(s00, s, w0); s01 = add(s01, s, w1);
    s = v128.shuffle<i32>(v1, v1, 0, 0, 0, 0); s10 = add(s10, s, w0); s11 = add(s11, s, w1);
    s = v128.shuffle<i32>(v2, v2, 0, 0, 0, 0); s20 = add(s20, s, w0); s21 = add(s21, s, w1);
    s = v128.shuffle<i32>(v3, v3, 0, 0, 0, 0); s30 = add(s30, s, w0); s31 = add(s31, s, w1);

    w0 = v128.load(w, 32); w1 = v128.load(w, 48);
    s = v128.shuffle<i32>(v0, v0, 1, 1, 1, 1); s00 = add(s00, s, w0); s01 = add(s01, s, w1);
    s = v128.shuffle<i32>(v1, v1, 1, 1, 1, 1); s10 = add(s10, s, w0); s11 = add(s11, s, w1);
    s = v128.shuffle<i32>(v2, v2, 1, 1, 1, 1); s20 = add(s20, s, w0); s21 = add(s21, s, w1);
    s = v128.shuffle<i32>(v3, v3, 1, 1, 1, 1); s30 = add(s30, s, w0); s31 = add(s31, s, w1);

    w0 = v128.load(w, 64); w1 = v128.load(w, 80);
    s = v128.shuffle<i32>(v0, v0, 2, 2, 2, 2); s00 = add(s00, s, w0); s01 = add(s01, s, w1);
    s = v128.shuffle<i32>(v1, v1, 2, 2, 2, 2); s10 = add(s10, s, w0); s11 = add(s11, s, w1);
    s = v128.shuffle<i32>(v2, v2, 2, 2, 2, 2); s20 = add(s20, s, w0); s21 = add(s21, s, w1);
    s = v128.shuffle<i32>(v3, v3, 2, 2, 2, 2); s30 = add(s30, s, w0); s31 = add(s31, s, w1);

    w0 = v128.load(w, 96); w1 = v128.load(w, 112);
    s = v128.shuffle<i32>(v0, v0, 3, 3, 3, 3); s00 = add(s00, s, w0); s01 = add(s01, s, w1);
    s = v128.shuffle<i32>(v1, v1, 3, 3, 3, 3); s10 = add(s10, s, w0); s11 = add(s11, s, w1);
    s = v128.shuffle<i32>(v2, v2, 3, 3, 3, 3); s20 = add(s20, s, w0); s21 = add(s21, s, w1);
    s = v128.shuffle<i32>(v3, v3, 3, 3, 3, 3); s30 = add(s30, s, w0); s31 = add(s31, s, w1);
    w += 128;
  }
  addEight(out, s00, s01, x, units);
  addEight(out + outBytes, s10, s11, x + xBytes, units);
  addEight(out + 2 * outBytes, s20, s21, x + 2 * xBytes, units);
  addEight(out + 3 * outBytes, s30, s31, x + 3 * xBytes, units);
}

/** Adds eight sums for the row at `x`. */
// @ts-ignore: decorator
@inline
function addEight(out: usize, low: v128, high: v128, x: usize, units: usize): void {
  const ofRow = v128.load32_splat(x);
  addScaled(out, low, f32x4.mul(ofRow, v128.load(units)));
  addScaled(out + 16, high, f32x4.mul(ofRow, v128.load(units, 16)));
}

/** Four rows against two classes. */
// @ts-ignore: decorator
@inline
function twoClasses(x: usize, xBytes: usize, w: usize, wBytes: usize, units: usize, out: usize, outBytes: usize): void {
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const v0 = integersOf(x), v1 = v0 + xBytes, v2 = v1 + xBytes, v3 = v2 + xBytes, w1 = w + wBytes;
  let row: v128;
  for (let d: usize = 0; d < wBytes; d += 16) {
    const p = v128.load(w + d), q = v128.load(w1 + d);
    row = v128.load(v0 + d); a0 = add(a0, row, p); a1 = add(a1, row, q);
    row = v128.load(v1 + d); b0 = add(b0, row, p); b1 = add(b1, row, q);
    row = v128.load(v2 + d); c0 = add(c0, row, p); c1 = add(c1, row, q);
    row = v128.load(v3 + d); d0 = add(d0, row, p); d1 = add(d1, row, q);
  }
  addPairs(x, xBytes, totals(a0, a1, b0, b1), units, out, outBytes);
  addPairs(x + 2 * xBytes, xBytes, totals(c0, c1, d0, d1), units, out + 2 * outBytes, outBytes);
}

/** Adds two sums of one row, and two of the next. */
// @ts-ignore: decorator
@inline
function addPairs(x: usize, xBytes: usize, sums: v128, units: usize, out: usize, outBytes: usize): void {
  const zeros = i32x4.splat(0), ofClass = v128.load(units);
  addScaled(out, firsts(sums, zeros), f32x4.mul(v128.load32_splat(x), ofClass));
  addScaled(out + outBytes, seconds(sums, zeros), f32x4.mul(v128.load32_splat(x + xBytes), ofClass));
}

/** Σa, Σb, Σc, Σd. */
// @ts-ignore: decorator
@inline
function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(low(a, b), high(a, b)), cd = i32x4.add(low(c, d), high(c, d));
  return i32x4.add(firsts(ab, cd), seconds(ab, cd));
}
