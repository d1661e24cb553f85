// xᵀ · g of 16-bit integers: eight dimensions at a time, rows in pairs, against four classes or two. Sums are exact; the caller
// scales the factors so that none overflows 32 bits.
import { add, addScaled } from "./fixed-products";
import { firsts, high, low, seconds } from "./lanes";

/** Interleaves eight dimensions of pairs of rows: x, rows `xBytes` apart, → out [rows / 2][8][2]. */
export function pairRows(x: usize, xBytes: usize, out: usize, rows: i32): void {
  for (let r = 0; r < rows; r += 2, x += xBytes << 1, out += 32) {
    const a = v128.load(x), b = v128.load(x + xBytes);
    v128.store(out, v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/**
 * gradient[8][k] += unit[k] · Σ_r x[r][8] · g[r][k] for up to eight classes. x: [rows / 2][8][2], from `pairRows`; g: [rows /
 * 2][8][2]; gradient: rows of eight.
 */
export function addFixedOuter(x: usize, g: usize, units: usize, gradient: usize, rows: i32, classes: i32): void {
  for (let k = 0; k < classes; k += 4, g += 16, units += 16, gradient += 16) {
    if (k + 2 < classes) fourClasses(x, g, units, gradient, rows);
    else twoClasses(x, g, units, gradient, rows);
  }
}

// @ts-ignore: decorator
@inline
function fourClasses(x: usize, g: usize, units: usize, gradient: usize, rows: i32): void {
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let s: v128;
  for (const end = x + (<usize>rows << 4); x < end; x += 32, g += 32) {
    const e = v128.load(g), a = v128.load(x), b = v128.load(x, 16);
    s = v128.shuffle<i32>(e, e, 0, 0, 0, 0); a0 = add(a0, a, s); b0 = add(b0, b, s);
    s = v128.shuffle<i32>(e, e, 1, 1, 1, 1); a1 = add(a1, a, s); b1 = add(b1, b, s);
    s = v128.shuffle<i32>(e, e, 2, 2, 2, 2); a2 = add(a2, a, s); b2 = add(b2, b, s);
    s = v128.shuffle<i32>(e, e, 3, 3, 3, 3); a3 = add(a3, a, s); b3 = add(b3, b, s);
  }
  const unit = v128.load(units);
  addTransposed(gradient, a0, a1, a2, a3, unit);
  addTransposed(gradient + 128, b0, b1, b2, b3, unit);
}

// @ts-ignore: decorator
@inline
function twoClasses(x: usize, g: usize, units: usize, gradient: usize, rows: i32): void {
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0;
  const zeros = a0;
  let s: v128;
  for (const end = x + (<usize>rows << 4); x < end; x += 32, g += 32) {
    const e = v128.load(g), a = v128.load(x), b = v128.load(x, 16);
    s = v128.shuffle<i32>(e, e, 0, 0, 0, 0); a0 = add(a0, a, s); b0 = add(b0, b, s);
    s = v128.shuffle<i32>(e, e, 1, 1, 1, 1); a1 = add(a1, a, s); b1 = add(b1, b, s);
  }
  const unit = v128.load(units);
  addTransposed(gradient, a0, a1, zeros, zeros, unit);
  addTransposed(gradient + 128, b0, b1, zeros, zeros, unit);
}

/** Adds four dimensions of four classes to four rows of the gradient. */
// @ts-ignore: decorator
@inline
function addTransposed(gradient: usize, a: v128, b: v128, c: v128, d: v128, unit: v128): void {
  const first = low(a, b), second = low(c, d), third = high(a, b), fourth = high(c, d);
  addScaled(gradient, firsts(first, second), unit);
  addScaled(gradient + 32, seconds(first, second), unit);
  addScaled(gradient + 64, firsts(third, fourth), unit);
  addScaled(gradient + 96, seconds(third, fourth), unit);
}
