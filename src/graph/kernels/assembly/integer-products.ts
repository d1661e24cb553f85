// Products of 16-bit rows with 8-bit weights. Sums are exact, so their order does not matter; the caller limits the rows so that no
// sum overflows 32 bits. Panels are the outer loop: one stays in the first cache while all rows pass, widened to 16 bits if there are
// enough rows.
import { biasAt, writeEight } from "./epilogue";
import { lane0, lane1, lane2, lane3 } from "./spread";

/** With fewer rows, widening a panel takes longer than it saves. */
const ROWS_TO_WIDEN = 24;

// @ts-ignore: decorator
@inline
function add(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/**
 * out [rows][outputs] = min(max(x · w + bias, least), most) + residual, for the panels from `from` to `to`. packed, units: from
 * `quantiseRows`; panels [inputs / 2][8][2] int8; scales: of each output. rows: a multiple of four. wide: room for one panel of int16.
 */
export function integerProducts(
  packed: usize, units: usize, panels: usize, scales: usize, bias: usize, residual: usize, out: usize,
  wide: usize, rows: i32, pairs: i32, outputs: i32, from: i32, to: i32, least: f32, most: f32,
): void {
  const isWide = rows >= ROWS_TO_WIDEN;
  const blockBytes = <usize>pairs << 4, outBytes = <usize>outputs << 2;
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let panel = from; panel < to; panel++) {
    const column = <usize>panel << 5, count = min(8, outputs - (panel << 3));
    const w = panels + <usize>panel * blockBytes;
    if (isWide) for (let p: usize = 0; p < blockBytes; p += 8) v128.store(wide + (p << 1), v128.load_ext<i8>(w + p));
    let x = packed, unit = units, at = column;
    for (let r = 0; r < rows; r += 4, x += blockBytes, unit += 16, at += outBytes << 2) {
      if (isWide) wideTile(x, unit, wide, scales + column, bias, column, residual, out, at, outBytes, blockBytes, low, high, count);
      else tile(x, unit, w, scales + column, bias, column, residual, out, at, outBytes, blockBytes, low, high, count);
    }
  }
}

/** Four rows against eight outputs. */
// @ts-ignore: decorator
@inline
function tile(
  x: usize, unit: usize, w: usize, scales: usize, bias: usize, column: usize, residual: usize, out: usize, at: usize, outBytes: usize,
  bytes: usize, low: v128, high: v128, count: i32,
): void {
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (const end = w + bytes; w < end; w += 16, x += 16) {
    const four = v128.load(x), w0 = v128.load_ext<i8>(w), w1 = v128.load_ext<i8>(w, 8);
    let s = lane0(four);
    a0 = add(a0, s, w0); a1 = add(a1, s, w1);
    s = lane1(four);
    b0 = add(b0, s, w0); b1 = add(b1, s, w1);
    s = lane2(four);
    c0 = add(c0, s, w0); c1 = add(c1, s, w1);
    s = lane3(four);
    d0 = add(d0, s, w0); d1 = add(d1, s, w1);
  }
  finish(a0, a1, b0, b1, c0, c1, d0, d1, unit, scales, bias, column, residual, out, at, outBytes, low, high, count);
}

/** The same with weights of 16 bits. */
// @ts-ignore: decorator
@inline
function wideTile(
  x: usize, unit: usize, w: usize, scales: usize, bias: usize, column: usize, residual: usize, out: usize, at: usize, outBytes: usize,
  bytes: usize, low: v128, high: v128, count: i32,
): void {
  let a0 = i32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (const end = x + bytes; x < end; x += 16, w += 32) {
    const four = v128.load(x), w0 = v128.load(w), w1 = v128.load(w, 16);
    let s = lane0(four);
    a0 = add(a0, s, w0); a1 = add(a1, s, w1);
    s = lane1(four);
    b0 = add(b0, s, w0); b1 = add(b1, s, w1);
    s = lane2(four);
    c0 = add(c0, s, w0); c1 = add(c1, s, w1);
    s = lane3(four);
    d0 = add(d0, s, w0); d1 = add(d1, s, w1);
  }
  finish(a0, a1, b0, b1, c0, c1, d0, d1, unit, scales, bias, column, residual, out, at, outBytes, low, high, count);
}

// @ts-ignore: decorator
@inline
function finish(
  a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128, unit: usize, scales: usize, bias: usize, column: usize,
  residual: usize, out: usize, at: usize, outBytes: usize, low: v128, high: v128, count: i32,
): void {
  const s0 = v128.load(scales), s1 = v128.load(scales, 16);
  const bias0 = biasAt(bias, column), bias1 = biasAt(bias, column + 16);
  const beside: usize = residual == 0 ? <usize>0 : residual + at;
  const next: usize = residual == 0 ? <usize>0 : outBytes;
  let u = v128.load32_splat(unit);
  writeEight(out + at, scaled(a0, u, s0, bias0), scaled(a1, u, s1, bias1), low, high, beside, count);
  u = v128.load32_splat(unit, 4);
  writeEight(out + at + outBytes, scaled(b0, u, s0, bias0), scaled(b1, u, s1, bias1), low, high, beside + next, count);
  u = v128.load32_splat(unit, 8);
  writeEight(out + at + 2 * outBytes, scaled(c0, u, s0, bias0), scaled(c1, u, s1, bias1), low, high, beside + 2 * next, count);
  u = v128.load32_splat(unit, 12);
  writeEight(out + at + 3 * outBytes, scaled(d0, u, s0, bias0), scaled(d1, u, s1, bias1), low, high, beside + 3 * next, count);
}

// @ts-ignore: decorator
@inline
function scaled(sums: v128, unit: v128, scale: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.mul(unit, scale)), bias);
}
