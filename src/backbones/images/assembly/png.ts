// Rows of a PNG picture: filters undone, and samples of any depth and colour type in red, green and blue over white.

const COLOUR: i32 = 2, PALETTE: i32 = 3, GREY_ALPHA: i32 = 4;

/** Undoes the filter of a row, in place. previous: the row above, or zeros. False: there is no such filter. */
export function unfilter(type: i32, row: usize, previous: usize, bytes: i32, pixelBytes: i32): bool {
  const end = row + <usize>bytes, back = <usize>pixelBytes;
  if (type > 4) return false;
  if (type == 1) for (let at = row + back; at < end; at++) add(at, load<u8>(at - back));
  if (type == 2) addAbove(row, previous, end);
  if (type == 3) addMean(row, previous, end, back);
  if (type == 4) addPaeth(row, previous, end, back);
  return true;
}

// @ts-ignore: decorator
@inline
function add(at: usize, value: i32): void {
  store<u8>(at, <u8>(<i32>load<u8>(at) + value));
}

function addAbove(row: usize, previous: usize, end: usize): void {
  let at = row, above = previous;
  for (; at + 16 <= end; at += 16, above += 16) v128.store(at, i8x16.add(v128.load(at), v128.load(above)));
  for (; at < end; at++, above++) add(at, load<u8>(above));
}

function addMean(row: usize, previous: usize, end: usize, back: usize): void {
  for (let at = row, above = previous; at < end; at++, above++) {
    const left = at < row + back ? 0 : <i32>load<u8>(at - back);
    add(at, (left + <i32>load<u8>(above)) >> 1);
  }
}

function addPaeth(row: usize, previous: usize, end: usize, back: usize): void {
  let at = row, above = previous;
  for (; at < row + back && at < end; at++, above++) add(at, load<u8>(above));
  for (; at < end; at++, above++) {
    const a = <i32>load<u8>(at - back), b = <i32>load<u8>(above), c = <i32>load<u8>(above - back);
    const fromA = abs(b - c), fromB = abs(a - c), fromC = abs(a + b - c - c);
    add(at, fromA <= fromB && fromA <= fromC ? a : fromB <= fromC ? b : c);
  }
}

let colourType: i32 = 0, depth: i32 = 8, palette: usize = 0;
/** The samples of the colour that is transparent; −1: none is. */
let keyRed: i32 = -1, keyGreen: i32 = -1, keyBlue: i32 = -1;

/** palette: 256 colours of four bytes, over white. */
export function beginPixels(type: i32, bits: i32, colours: usize, red: i32, green: i32, blue: i32): void {
  colourType = type;
  depth = bits;
  palette = colours;
  keyRed = red;
  keyGreen = green;
  keyBlue = blue;
}

/** A row without its filter → out, four bytes a pixel. */
export function pngPixels(row: usize, width: i32, out: usize): void {
  if (depth < 8) return packedPixels(row, width, out);
  const wide = depth == 16 ? 1 : 0;
  if (colourType == PALETTE) {
    for (let x: usize = 0; x < <usize>width; x++) store<u32>(out + (x << 2), load<u32>(palette + (<usize>load<u8>(row + x) << 2)));
    return;
  }
  const hasColour = colourType & COLOUR, hasAlpha = colourType & GREY_ALPHA;
  const sample: usize = 1 << wide, green = hasColour ? sample : 0, blue = green << 1;
  const alpha: usize = hasColour ? 3 * sample : sample, step: usize = alpha + (hasAlpha ? sample : <usize>0);
  for (let x = 0; x < width; x++, row += step, out += 4) {
    const r = <i32>load<u8>(row), g = <i32>load<u8>(row + green), b = <i32>load<u8>(row + blue);
    let a = 255;
    if (hasAlpha) a = load<u8>(row + alpha);
    else if (keyRed >= 0 && isKey(row, row + green, row + blue, wide)) a = 0;
    store<u32>(out, a == 255 ? r | (g << 8) | (b << 16) : overWhite(r, a) | (overWhite(g, a) << 8) | (overWhite(b, a) << 16));
  }
}

// @ts-ignore: decorator
@inline
function overWhite(level: i32, alpha: i32): i32 {
  return (level * alpha + 255 * (255 - alpha) + 127) / 255;
}

function isKey(r: usize, g: usize, b: usize, wide: i32): bool {
  return sampleAt(r, wide) == keyRed && (!(colourType & COLOUR) || (sampleAt(g, wide) == keyGreen && sampleAt(b, wide) == keyBlue));
}

function sampleAt(at: usize, wide: i32): i32 {
  return wide ? <i32>bswap<u16>(load<u16>(at)) : <i32>load<u8>(at);
}

/** Grey levels or colours of a palette, of 1, 2 or 4 bits. */
function packedPixels(row: usize, width: i32, out: usize): void {
  const mask = (1 << depth) - 1, step = 255 / mask;
  for (let x = 0; x < width; x++, out += 4) {
    const bit = x * depth;
    const value = (<i32>load<u8>(row + <usize>(bit >> 3)) >> (8 - depth - (bit & 7))) & mask;
    if (colourType == PALETTE) store<u32>(out, load<u32>(palette + (<usize>value << 2)));
    else store<u32>(out, (value == keyRed ? 255 : value * step) * 0x010101);
  }
}

/** `count` pixels → every `step`-th pixel from `out` on. */
export function spreadPixels(row: usize, count: i32, out: usize, step: i32): void {
  for (let i = 0; i < count; i++, row += 4, out += <usize>step << 2) store<u32>(out, load<u32>(row));
}
