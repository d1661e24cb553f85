// Resampling as Pillow does it for 8 bits a channel: weights are integers with 22 bits after the point, and each pass rounds to 8 bits.
// Pixels are four bytes: red, green, blue and one that is not used.

const PRECISION: i32 = 22;
const HALF: i32 = 1 << (PRECISION - 1);

// @ts-ignore: decorator
@inline
function four(bytes: v128): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
}

// @ts-ignore: decorator
@inline
function storePixel(out: usize, sum: v128): void {
  const words = i32x4.shr_s(sum, PRECISION);
  const halves = i16x8.narrow_i32x4_s(words, words);
  v128.store32_lane(out, i8x16.narrow_i16x8_u(halves, halves), 0);
}

/**
 * Along a row: `count` pixels → out. Each is the weighted sum of a window of the row: windows [count][first, length] int32, weights
 * [count][most] int32.
 */
export function resampleRow(row: usize, windows: usize, weights: usize, most: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++, windows += 8, weights += <usize>most << 2, out += 4) {
    let at = row + (<usize>load<i32>(windows) << 2);
    let sum = i32x4.splat(HALF), w = weights;
    const end = at + (<usize>load<i32>(windows, 4) << 2);
    for (; at + 16 <= end; at += 16, w += 16) {
      const bytes = v128.load(at);
      const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
      sum = i32x4.add(sum, i32x4.mul(i32x4.extend_low_i16x8_u(low), v128.load32_splat(w)));
      sum = i32x4.add(sum, i32x4.mul(i32x4.extend_high_i16x8_u(low), v128.load32_splat(w, 4)));
      sum = i32x4.add(sum, i32x4.mul(i32x4.extend_low_i16x8_u(high), v128.load32_splat(w, 8)));
      sum = i32x4.add(sum, i32x4.mul(i32x4.extend_high_i16x8_u(high), v128.load32_splat(w, 12)));
    }
    for (; at < end; at += 4, w += 4)
      sum = i32x4.add(sum, i32x4.mul(four(v128.load32_zero(at)), v128.load32_splat(w)));
    storePixel(out, sum);
  }
}

/**
 * Across rows: each byte of `out` is the weighted sum of `length` rows, from row `first` of a ring of rows. bytes: a multiple of 16.
 */
export function resampleColumns(
  ring: usize, rowBytes: usize, ringRows: i32, first: i32, length: i32, weights: usize, out: usize, bytes: usize,
): void {
  const ringBytes = rowBytes * <usize>ringRows;
  const start = ring + rowBytes * <usize>(first % ringRows);
  for (let x: usize = 0; x < bytes; x += 16) {
    const end = ring + ringBytes + x;
    let a = i32x4.splat(HALF), b = a, c = a, d = a, w = weights, at = start + x;
    for (let i = 0; i < length; i++, w += 4) {
      const pixels = v128.load(at), weight = v128.load32_splat(w);
      const low = i16x8.extend_low_i8x16_u(pixels), high = i16x8.extend_high_i8x16_u(pixels);
      a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), weight));
      b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), weight));
      c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), weight));
      d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), weight));
      at += rowBytes;
      if (at >= end) at -= ringBytes;
    }
    const first = i16x8.narrow_i32x4_s(i32x4.shr_s(a, PRECISION), i32x4.shr_s(b, PRECISION));
    const second = i16x8.narrow_i32x4_s(i32x4.shr_s(c, PRECISION), i32x4.shr_s(d, PRECISION));
    v128.store(out + x, i8x16.narrow_i16x8_u(first, second));
  }
}
