// Rows of a lossless WebP picture: its transforms undone, one row after another.
import { COLOUR, GREEN, INDEX, packedWidth, pixelRow, PREDICTOR, transformBits, transformData, transformsRead, transformType, transformWidth } from "./vp8l";

/** Two rows that take turns, and the row above, as the predictor gave it. */
let current: usize = 0, other: usize = 0, above: usize = 0;
const BLACK: u32 = 0xff000000;

export function beginLosslessRows(width: i32, scratch: usize): void {
  const bytes = <usize>(width + 16) << 2;
  current = scratch;
  other = current + bytes;
  above = other + bytes + 4;
}

/** Row y, after row y − 1 → four bytes a pixel: blue, green, red, opacity. */
function rowOf(y: i32): usize {
  memory.copy(current, pixelRow(y), <usize>packedWidth() << 2);
  for (let i = transformsRead() - 1; i >= 0; i--) {
    const type = transformType(i), width = transformWidth(i), bits = transformBits(i);
    const data = transformData(i) + (<usize>((y >> bits) * ((width + (1 << bits) - 1) >> bits)) << 2);
    if (type == PREDICTOR) addPredictions(y, width, bits, data);
    else if (type == COLOUR) addColours(width, bits, data);
    else if (type == GREEN) addGreen(width);
    else lookUp(width, bits, transformData(i));
  }
  return current;
}

/** Red, green and blue, over white where `hasOpacity`. */
export function losslessRow(y: i32, width: i32, hasOpacity: bool, out: usize): void {
  const row = rowOf(y);
  for (let x: usize = 0; x < <usize>width << 2; x += 4) {
    const pixel = load<u32>(row + x), a = hasOpacity ? <i32>(pixel >> 24) : 255;
    const r = <i32>(pixel >> 16) & 255, g = <i32>(pixel >> 8) & 255, b = <i32>pixel & 255;
    store<u32>(out + x, a == 255 ? r | (g << 8) | (b << 16) : over(r, a) | (over(g, a) << 8) | (over(b, a) << 16));
  }
}

/** The levels of green, a byte each. */
export function greenRow(y: i32, width: i32, out: usize): void {
  const row = rowOf(y);
  for (let x: usize = 0; x < <usize>width; x++) store<u8>(out + x, load<u8>(row + (x << 2), 1));
}

/** Undoes the filter of a row of opacity: 0 none, 1 from the left, 2 from above, 3 both. */
export function unfilterOpacity(filter: i32, y: i32, row: usize, previous: usize, width: i32): void {
  if (filter == 0) return;
  let left = y > 0 && filter != 2 ? <i32>load<u8>(previous) : 0, corner = left;
  for (let x: usize = 0; x < <usize>width; x++) {
    const top = y > 0 ? <i32>load<u8>(previous + x) : 0;
    let guess = left;
    if (y > 0 && filter == 2) guess = top;
    if (y > 0 && filter == 3) guess = max(min(left + top - corner, 255), 0);
    left = (<i32>load<u8>(row + x) + guess) & 255;
    corner = top;
    store<u8>(row + x, <u8>left);
  }
}

/** Puts a row of pixels with their opacities over white. */
export function overWhite(out: usize, opacities: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>width; x++) {
    const a = <i32>load<u8>(opacities + x), at = out + (x << 2);
    if (a < 255) for (let i: usize = 0; i < 3; i++) store<u8>(at + i, <u8>over(load<u8>(at + i), a));
  }
}

// @ts-ignore: decorator
@inline
function over(level: i32, opacity: i32): i32 {
  return (level * opacity + 255 * (255 - opacity) + 127) / 255;
}

// @ts-ignore: decorator
@inline
function sum(a: u32, b: u32): u32 {
  return (((a & 0xff00ff00) + (b & 0xff00ff00)) & 0xff00ff00) | (((a & 0x00ff00ff) + (b & 0x00ff00ff)) & 0x00ff00ff);
}

// @ts-ignore: decorator
@inline
function mean(a: u32, b: u32): u32 {
  return (((a ^ b) & 0xfefefefe) >> 1) + (a & b);
}

function addPredictions(y: i32, width: i32, bits: i32, modes: usize): void {
  const end = <usize>width << 2;
  let left = sum(load<u32>(current), y == 0 ? BLACK : load<u32>(above));
  store<u32>(current, left);
  store<u32>(above + end, left); // the pixel above and to the right of the last one is the first one of this row
  for (let x: usize = 4; x < end; x += 4) {
    const mode = y == 0 ? 1 : <i32>(load<u32>(modes + ((x >> 2 >> bits) << 2)) >> 8) & 15;
    left = sum(load<u32>(current + x), predicted(mode, left, above + x));
    store<u32>(current + x, left);
  }
  memory.copy(above, current, end);
}

function predicted(mode: i32, left: u32, at: usize): u32 {
  const top = load<u32>(at), corner = load<u32>(at - 4), right = load<u32>(at, 4);
  switch (mode) {
    case 1: return left;
    case 2: return top;
    case 3: return right;
    case 4: return corner;
    case 5: return mean(mean(left, right), top);
    case 6: return mean(left, corner);
    case 7: return mean(left, top);
    case 8: return mean(corner, top);
    case 9: return mean(top, right);
    case 10: return mean(mean(left, corner), mean(top, right));
    case 11: return chosen(left, top, corner);
    case 12: return planar(left, top, corner);
    case 13: return halfway(mean(left, top), corner);
    default: return BLACK;
  }
}

// @ts-ignore: decorator
@inline
function channel(pixel: u32, i: i32): i32 {
  return <i32>(pixel >> (i << 3)) & 255;
}

function chosen(left: u32, top: u32, corner: u32): u32 {
  let fromLeft = 0, fromTop = 0;
  for (let i = 0; i < 4; i++) {
    fromLeft += abs(channel(top, i) - channel(corner, i));
    fromTop += abs(channel(left, i) - channel(corner, i));
  }
  return fromLeft < fromTop ? left : top;
}

function planar(left: u32, top: u32, corner: u32): u32 {
  let out: u32 = 0;
  for (let i = 0; i < 4; i++) out |= <u32>max(min(channel(left, i) + channel(top, i) - channel(corner, i), 255), 0) << (i << 3);
  return out;
}

function halfway(middle: u32, corner: u32): u32 {
  let out: u32 = 0;
  for (let i = 0; i < 4; i++) {
    const level = channel(middle, i);
    out |= <u32>max(min(level + (level - channel(corner, i)) / 2, 255), 0) << (i << 3);
  }
  return out;
}

function addColours(width: i32, bits: i32, data: usize): void {
  for (let x = 0; x < width; x++) {
    const at = current + (<usize>x << 2), factors = load<u32>(data + (<usize>(x >> bits) << 2)), pixel = load<u32>(at);
    const green = <i32><i8>(pixel >> 8);
    const red = (<i32>(pixel >> 16) + ((<i32><i8>factors * green) >> 5)) & 255;
    const blue = (<i32>pixel + ((<i32><i8>(factors >> 8) * green) >> 5) + ((<i32><i8>(factors >> 16) * <i32><i8>red) >> 5)) & 255;
    store<u32>(at, (pixel & 0xff00ff00) | <u32>(red << 16) | <u32>blue);
  }
}

function addGreen(width: i32): void {
  for (let x: usize = 0; x < <usize>width << 2; x += 4) {
    const pixel = load<u32>(current + x), green = (pixel >> 8) & 255;
    store<u32>(current + x, (pixel & 0xff00ff00) | (((pixel & 0x00ff00ff) + green * 0x10001) & 0x00ff00ff));
  }
}

/** Indices, several in the green of a pixel, become colours. */
function lookUp(width: i32, bits: i32, colours: usize): void {
  const depth = 8 >> bits, mask = (1 << depth) - 1;
  for (let x = 0; x < width; x++) {
    const packed = <i32>load<u8>(current + (<usize>(x >> bits) << 2), 1);
    const index = (packed >> ((x & ((1 << bits) - 1)) * depth)) & mask;
    store<u32>(other + (<usize>x << 2), load<u32>(colours + (<usize>index << 2)));
  }
  const before = current;
  current = other;
  other = before;
}
