// Rows of a VP8 picture in red, green and blue, with chroma enlarged as libwebp does it ("fancy upsampling").
import { chromaRow, lumaRow } from "./vp8";

/** Numbers u16 of two rows, with one before the first, and enlarged rows; set by `beginYuvRows`. */
let near: usize = 0, far: usize = 0, wideU: usize = 0, wideV: usize = 0;
let width: i32 = 0, height: i32 = 0;

export function beginYuvRows(pixels: i32, rows: i32, scratch: usize): void {
  const bytes = (<usize>pixels + 63) & ~15;
  width = pixels;
  height = rows;
  near = scratch + 16;
  far = near + bytes;
  wideU = far + bytes;
  wideV = wideU + bytes;
}

/** Row y of the picture → out, four bytes a pixel. last: the row of macroblocks that was read last. */
export function yuvRow(y: i32, last: i32, out: usize): void {
  enlarge(0, y, last, wideU);
  enlarge(1, y, last, wideV);
  const luma = lumaRow(y, last);
  for (let x: usize = 0; x < <usize>width; x += 4) v128.store(out + (x << 2), colours(four(luma + x), four(wideU + x), four(wideV + x)));
}

function enlarge(plane: i32, y: i32, last: i32, out: usize): void {
  const row = y >> 1, other = max(min(y & 1 ? row + 1 : row - 1, ((height + 1) >> 1) - 1), 0), count = (width + 1) >> 1;
  widen(chromaRow(plane, row, last), near, count);
  widen(chromaRow(plane, other, last), far, count);
  const eight = i16x8.splat(8), end = near + (<usize>count << 1);
  for (let a = near, c = far; a < end; a += 16, c += 16, out += 16) {
    const here = v128.load(a), there = v128.load(c), both = i16x8.add(i16x8.add(here, i16x8.mul(there, i16x8.splat(3))), eight);
    const left = blend(here, both, v128.load(a - 2), v128.load(c - 2));
    const right = blend(here, both, v128.load(a + 2), v128.load(c + 2));
    v128.store(out, v128.or(left, i16x8.shl(right, 8)));
  }
}

/** Nine sixteenths of the nearest, three of those beside and above or below, one of the farthest, rounded in two steps. */
// @ts-ignore: decorator
@inline
function blend(here: v128, both: v128, beside: v128, across: v128): v128 {
  const sum = i16x8.add(i16x8.add(both, i16x8.mul(beside, i16x8.splat(3))), across);
  return i16x8.shr_u(i16x8.add(here, i16x8.shr_u(sum, 3)), 1);
}

function widen(row: usize, out: usize, count: i32): void {
  for (let x: usize = 0; x < <usize>count; x += 8) v128.store(out + (x << 1), v128.load8x8_u(row + x));
  store<u16>(out - 2, load<u16>(out));
  const end = out + (<usize>count << 1);
  store<u16>(end, load<u16>(end - 2));
}

// @ts-ignore: decorator
@inline
function four(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

// @ts-ignore: decorator
@inline
function times(x: v128, factor: i32): v128 {
  return i32x4.shr_s(i32x4.mul(x, i32x4.splat(factor)), 8);
}

// @ts-ignore: decorator
@inline
function level(x: v128): v128 {
  return i32x4.max_s(i32x4.min_s(i32x4.shr_s(x, 6), i32x4.splat(255)), i32x4.splat(0));
}

/** The fixed-point factors of libwebp (yuv.h). */
// @ts-ignore: decorator
@inline
function colours(y: v128, u: v128, v: v128): v128 {
  const light = times(y, 19077);
  const red = level(i32x4.add(i32x4.add(light, times(v, 26149)), i32x4.splat(-14234)));
  const green = level(i32x4.add(i32x4.sub(i32x4.sub(light, times(u, 6419)), times(v, 13320)), i32x4.splat(8708)));
  const blue = level(i32x4.add(i32x4.add(light, times(u, 33050)), i32x4.splat(-17685)));
  return v128.or(v128.or(red, i32x4.shl(green, 8)), i32x4.shl(blue, 16));
}
