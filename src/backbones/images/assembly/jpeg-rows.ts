// Rows of a JPEG picture: planes of samples, enlarged as libjpeg does it ("fancy upsampling"), in red, green and blue.
import { heightOf, horizontalOf, planeRow, verticalOf, widthOf } from "./jpeg-scan";

const GREY: i32 = 0, YCC: i32 = 1, RGB: i32 = 2, CMYK: i32 = 3;

let width: i32 = 0, components: i32 = 0, colour: i32 = 0, across: i32 = 1, down: i32 = 1;
/** Enlarged rows of a component [4], `scratchBytes` apart, and sums of two rows, u16, with a number before the first. */
let scratch: usize = 0, scratchBytes: usize = 0, sums: usize = 0;

/** colour: 0 grey, 1 YCbCr, 2 RGB, 3 CMYK, 4 YCCK; h, v: the largest sampling factors; space: 7 · (pixels + 64) bytes and more. */
export function beginRows(pixels: i32, count: i32, kind: i32, h: i32, v: i32, space: usize): void {
  width = pixels;
  components = count;
  colour = kind;
  across = h;
  down = v;
  scratch = space;
  scratchBytes = <usize>(pixels + 63) & ~15;
  sums = space + (scratchBytes << 2) + 16;
}

/** Row y of the picture → out, four bytes a pixel. Writes up to 64 bytes past it. */
export function jpegRow(y: i32, out: usize): void {
  const a = componentRow(0, y);
  if (components == 1) return greyRow(a, out);
  const b = componentRow(1, y), c = componentRow(2, y);
  if (colour == YCC) return yccRow(a, b, c, out);
  if (colour == RGB) return rgbRow(a, b, c, out);
  fourRow(a, b, c, componentRow(3, y), out);
}

function componentRow(i: i32, y: i32): usize {
  const h = across / horizontalOf(i), v = down / verticalOf(i), row = y / v;
  const near = planeRow(i, row), out = scratch + <usize>i * scratchBytes;
  if (h == 1 && v == 1) return near;
  const isOdd = y & 1;
  const far = planeRow(i, min(max(isOdd ? row + 1 : row - 1, 0), heightOf(i) - 1));
  if (h == 2 && widthOf(i) > 2 && v <= 2) {
    if (v == 1) addRows(near, near, 0, widthOf(i));
    else addRows(near, far, 1, widthOf(i));
    widen(widthOf(i), v == 1, out);
  } else if (h == 1 && v == 2) blend(near, far, isOdd ? 2 : 1, out);
  else for (let x = 0; x < width; x++) store<u8>(out + <usize>x, load<u8>(near + <usize>(x / h)));
  return out;
}

/** sums = near, or 3 · near + far; the first and the last are repeated. */
function addRows(near: usize, far: usize, isPair: i32, count: i32): void {
  for (let x: usize = 0; x < <usize>count; x += 8) {
    let sum = v128.load8x8_u(near + x);
    if (isPair) sum = i16x8.add(i16x8.mul(sum, i16x8.splat(3)), v128.load8x8_u(far + x));
    v128.store(sums + (x << 1), sum);
  }
  store<u16>(sums - 2, load<u16>(sums));
  const end = sums + (<usize>count << 1);
  store<u16>(end, load<u16>(end - 2));
}

/** Twice as many pixels: three quarters of the nearer sum, one quarter of the farther one. */
function widen(count: i32, isSingle: bool, out: usize): void {
  const before = i16x8.splat(isSingle ? 1 : 8), after = i16x8.splat(isSingle ? 2 : 7), shift = isSingle ? 2 : 4;
  const end = sums + (<usize>count << 1);
  for (let at = sums; at < end; at += 16, out += 16) {
    const three = i16x8.mul(v128.load(at), i16x8.splat(3));
    const left = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at - 2)), before), shift);
    const right = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at + 2)), after), shift);
    v128.store(out, v128.or(left, i16x8.shl(right, 8)));
  }
}

function blend(near: usize, far: usize, round: i32, out: usize): void {
  for (let x: usize = 0; x < <usize>width; x++)
    store<u8>(out + x, <u8>((<i32>load<u8>(near + x) * 3 + <i32>load<u8>(far + x) + round) >> 2));
}

function greyRow(a: usize, out: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 4) v128.store(out + (x << 2), i32x4.mul(wide(a + x), i32x4.splat(0x010101)));
}

function rgbRow(a: usize, b: usize, c: usize, out: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 4) v128.store(out + (x << 2), pixels(wide(a + x), wide(b + x), wide(c + x)));
}

// @ts-ignore: decorator
@inline
function wide(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

// @ts-ignore: decorator
@inline
function pixels(r: v128, g: v128, b: v128): v128 {
  return v128.or(v128.or(r, i32x4.shl(g, 8)), i32x4.shl(b, 16));
}

// @ts-ignore: decorator
@inline
function clamped(x: v128): v128 {
  return i32x4.max_s(i32x4.min_s(x, i32x4.splat(255)), i32x4.splat(0));
}

/** The fixed-point factors of jdcolor.c. */
function yccRow(a: usize, b: usize, c: usize, out: usize): void {
  const half = i32x4.splat(32768), middle = i32x4.splat(128);
  for (let x: usize = 0; x < <usize>width; x += 4) {
    const y = wide(a + x), cb = i32x4.sub(wide(b + x), middle), cr = i32x4.sub(wide(c + x), middle);
    const red = i32x4.shr_s(i32x4.add(i32x4.mul(cr, i32x4.splat(91881)), half), 16);
    const blue = i32x4.shr_s(i32x4.add(i32x4.mul(cb, i32x4.splat(116130)), half), 16);
    const green = i32x4.shr_s(
      i32x4.sub(half, i32x4.add(i32x4.mul(cb, i32x4.splat(22554)), i32x4.mul(cr, i32x4.splat(46802)))), 16,
    );
    v128.store(
      out + (x << 2),
      pixels(clamped(i32x4.add(y, red)), clamped(i32x4.add(y, green)), clamped(i32x4.add(y, blue))),
    );
  }
}

/** Four inks, as Adobe stores them: inverted. YCCK is first turned into the inverse of cyan, magenta and yellow. */
function fourRow(a: usize, b: usize, c: usize, d: usize, out: usize): void {
  if (colour == CMYK) rgbRow(a, b, c, out);
  else yccRow(a, b, c, out);
  for (let x: usize = 0; x < <usize>width; x++, out += 4) {
    const black = <i32>load<u8>(d + x);
    for (let i: usize = 0; i < 3; i++) {
      const stored = <i32>load<u8>(out + i);
      const product = (colour == CMYK ? 255 - stored : stored) * black + 128;
      store<u8>(out + i, <u8>max(black - ((product + (product >> 8)) >> 8), 0));
    }
  }
}
