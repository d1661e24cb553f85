// Depthwise convolutions: one window for each channel. Channels lie in the lanes; sums run in the order of the window.
import { biasAt } from "./epilogue";
import {
  channelsOf, dilationAcross, dilationDown, endInside, firstInside, heightOf, kernelHeight, kernelWidth, outWidth, padLeft, padTop,
  strideAcross, strideDown, widthOf,
} from "./windows";

/**
 * out = min(max(Σ window · w + bias, least), most) for the output's rows from `from` to `to`. w [kernel height · kernel width][channels];
 * out: of the first of these rows.
 */
export function depthwise(
  x: usize, geometry: usize, w: usize, bias: usize, out: usize, from: i32, to: i32, least: f32, most: f32,
): void {
  const bytes = <usize>channelsOf(geometry) << 2, across = outWidth(geometry);
  const stride = strideAcross(geometry), step = dilationAcross(geometry), width = widthOf(geometry), kernel = kernelWidth(geometry);
  for (let oy = from; oy < to; oy++) {
    const top = oy * strideDown(geometry) - padTop(geometry), down = dilationDown(geometry);
    const firstY = firstInside(top, down), endY = endInside(top, down, kernelHeight(geometry), heightOf(geometry));
    const row = x + <usize>((top + firstY * down) * width) * bytes, rows = max(0, endY - firstY);
    const wRow = w + <usize>(firstY * kernel) * bytes, next = <usize>(down * width) * bytes;
    for (let ox = 0; ox < across;) {
      const left = ox * stride - padLeft(geometry);
      const isInside = left >= 0 && left + 3 * stride + (kernel - 1) * step < width && ox + 4 <= across;
      if (isInside && kernel == 3 && stride == 1 && step == 1) {
        fourNeighbours(row + <usize>left * bytes, wRow, bias, out, rows, next, bytes, least, most);
        ox += 4;
        out += bytes << 2;
        continue;
      }
      if (isInside) {
        fourPositions(row + <usize>left * bytes, wRow, bias, out, rows, kernel, next, <usize>step * bytes, <usize>stride * bytes, bytes, least, most);
        ox += 4;
        out += bytes << 2;
        continue;
      }
      const firstX = firstInside(left, step), endX = endInside(left, step, kernel, width);
      const start = row + <usize>(left + firstX * step) * bytes;
      onePosition(start, wRow + <usize>firstX * bytes, bias, out, rows, endX - firstX, next, <usize>step * bytes, <usize>kernel * bytes, bytes, least, most);
      ox++;
      out += bytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function bounded(v: v128, least: f32, most: f32): v128 {
  return f32x4.pmin(f32x4.pmax(v, f32x4.splat(least)), f32x4.splat(most));
}

/** Four neighbours whose windows are inside the image from left to right. */
// @ts-ignore: decorator
@inline
function fourPositions(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, kernel: i32, next: usize, step: usize, stride: usize, bytes: usize,
  least: f32, most: f32,
): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    let a = biasAt(bias, at), b = a, c = a, d = a;
    for (let r = 0, row = x + at, wp = w + at; r < rows; r++, row += next)
      for (let k = 0, p = row; k < kernel; k++, p += step, wp += bytes) {
        const factor = v128.load(wp);
        a = f32x4.add(a, f32x4.mul(factor, v128.load(p)));
        b = f32x4.add(b, f32x4.mul(factor, v128.load(p + stride)));
        c = f32x4.add(c, f32x4.mul(factor, v128.load(p + 2 * stride)));
        d = f32x4.add(d, f32x4.mul(factor, v128.load(p + 3 * stride)));
      }
    v128.store(out + at, bounded(a, least, most));
    v128.store(out + at + bytes, bounded(b, least, most));
    v128.store(out + at + 2 * bytes, bounded(c, least, most));
    v128.store(out + at + 3 * bytes, bounded(d, least, most));
  }
  for (; at < bytes; at += 4)
    for (let i: usize = 0; i < 4; i++)
      oneChannel(x + at + i * stride, w + at, bias, at, out + at + i * bytes, rows, kernel, next, step, <usize>kernel * bytes, bytes, least, most);
}

/** The same for windows three wide, one apart: each number is read once for up to three positions. */
// @ts-ignore: decorator
@inline
function fourNeighbours(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, next: usize, bytes: usize, least: f32, most: f32,
): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    let a = biasAt(bias, at), b = a, c = a, d = a;
    for (let r = 0, p = x + at, wp = w + at; r < rows; r++, p += next, wp += 3 * bytes) {
      const w0 = v128.load(wp), w1 = v128.load(wp + bytes), w2 = v128.load(wp + 2 * bytes);
      let v = v128.load(p);
      a = f32x4.add(a, f32x4.mul(w0, v));
      v = v128.load(p + bytes);
      a = f32x4.add(a, f32x4.mul(w1, v)); b = f32x4.add(b, f32x4.mul(w0, v));
      v = v128.load(p + 2 * bytes);
      a = f32x4.add(a, f32x4.mul(w2, v)); b = f32x4.add(b, f32x4.mul(w1, v)); c = f32x4.add(c, f32x4.mul(w0, v));
      v = v128.load(p + 3 * bytes);
      b = f32x4.add(b, f32x4.mul(w2, v)); c = f32x4.add(c, f32x4.mul(w1, v)); d = f32x4.add(d, f32x4.mul(w0, v));
      v = v128.load(p + 4 * bytes);
      c = f32x4.add(c, f32x4.mul(w2, v)); d = f32x4.add(d, f32x4.mul(w1, v));
      v = v128.load(p + 5 * bytes);
      d = f32x4.add(d, f32x4.mul(w2, v));
    }
    v128.store(out + at, bounded(a, least, most));
    v128.store(out + at + bytes, bounded(b, least, most));
    v128.store(out + at + 2 * bytes, bounded(c, least, most));
    v128.store(out + at + 3 * bytes, bounded(d, least, most));
  }
  for (; at < bytes; at += 4)
    for (let i: usize = 0; i < 4; i++)
      oneChannel(x + at + i * bytes, w + at, bias, at, out + at + i * bytes, rows, 3, next, bytes, 3 * bytes, bytes, least, most);
}

/** One position, with `places` of each row of the window inside the image. wNext: bytes between two rows of the window's weights. */
// @ts-ignore: decorator
@inline
function onePosition(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, places: i32, next: usize, step: usize, wNext: usize, bytes: usize,
  least: f32, most: f32,
): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    let sum = biasAt(bias, at);
    for (let r = 0, row = x + at, wRow = w + at; r < rows; r++, row += next, wRow += wNext)
      for (let k = 0, p = row, wp = wRow; k < places; k++, p += step, wp += bytes)
        sum = f32x4.add(sum, f32x4.mul(v128.load(wp), v128.load(p)));
    v128.store(out + at, bounded(sum, least, most));
  }
  for (; at < bytes; at += 4) oneChannel(x + at, w + at, bias, at, out + at, rows, places, next, step, wNext, bytes, least, most);
}

function oneChannel(
  x: usize, w: usize, bias: usize, at: usize, out: usize, rows: i32, places: i32, next: usize, step: usize, wNext: usize, bytes: usize,
  least: f32, most: f32,
): void {
  let sum: f32 = bias == 0 ? 0 : f32.load(bias + at);
  for (let r = 0; r < rows; r++, x += next, w += wNext)
    for (let k = 0, p = x, wp = w; k < places; k++, p += step, wp += bytes) sum += f32.load(wp) * f32.load(p);
  f32.store(out, sum < least ? least : sum > most ? most : sum);
}
