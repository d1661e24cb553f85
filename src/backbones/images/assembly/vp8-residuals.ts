// The coefficients of VP8 blocks and their transforms (RFC 6386, sections 13 and 14).
import { bit } from "./vp8-bits";
import { clamp, PITCH } from "./vp8-predict";

/** [4 types][8 bands][3 contexts][11] */
export const chances: usize = memory.data(1056, 16);
const TYPE: usize = 264, BAND: usize = 33, CONTEXT: usize = 11;

const BANDS: usize = memory.data<u8>([0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0]);
const ZIGZAG: usize = memory.data<u8>([0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15]);
/** Chances of the bits of large values, in four groups that end with 0. */
const LARGE: usize = memory.data<u8>([
  173, 148, 140, 0, 0, 0, 0, 0, 0, 0, 0, 0, 176, 155, 140, 135, 0, 0, 0, 0, 0, 0, 0, 0, 180, 157, 141, 134, 130, 0, 0, 0, 0, 0, 0, 0, 254,
  254, 243, 230, 196, 177, 153, 140, 133, 130, 129, 0,
]);

/** Reads a block from coefficient `first` on → int16 [4][4], which is zero before. Returns the place after the last one that is not zero. */
export function readBlock(type: i32, context: i32, first: i32, dcStep: i32, acStep: i32, out: usize): i32 {
  const base = chances + <usize>type * TYPE;
  let n = first, p = base + <usize>load<u8>(BANDS + <usize>n) * BAND + <usize>context * CONTEXT;
  for (; n < 16; n++) {
    if (!bit(load<u8>(p))) return n;
    while (!bit(load<u8>(p, 1))) {
      if (++n == 16) return 16;
      p = base + <usize>load<u8>(BANDS + <usize>n) * BAND;
    }
    const next = base + <usize>load<u8>(BANDS + <usize>n + 1) * BAND;
    let size = 1;
    if (bit(load<u8>(p, 2))) {
      size = readLarge(p);
      p = next + 2 * CONTEXT;
    } else p = next + CONTEXT;
    const value = (bit(128) ? -size : size) * (n > 0 ? acStep : dcStep);
    store<i16>(out + (<usize>load<u8>(ZIGZAG + <usize>n) << 1), <i16>value);
  }
  return 16;
}

function readLarge(p: usize): i32 {
  if (!bit(load<u8>(p, 3))) {
    if (!bit(load<u8>(p, 4))) return 2;
    return 3 + bit(load<u8>(p, 5));
  }
  if (!bit(load<u8>(p, 6))) {
    if (!bit(load<u8>(p, 7))) return 5 + bit(159);
    const high = bit(165);
    return 7 + 2 * high + bit(145);
  }
  const second = bit(load<u8>(p, 8)), group = 2 * second + bit(load<u8>(p + 9 + <usize>second));
  let size = 0;
  for (let at = LARGE + <usize>group * 12; load<u8>(at); at++) size += size + bit(load<u8>(at));
  return size + 3 + (8 << group);
}

/** The second-order transform: int16 [4][4] → the first coefficients of 16 blocks. */
export function spreadFirsts(x: usize, blocks: usize): void {
  for (let i: usize = 0; i < 8; i += 2) {
    const a0 = at(x + i) + at(x + 24 + i), a1 = at(x + 8 + i) + at(x + 16 + i);
    const a2 = at(x + 8 + i) - at(x + 16 + i), a3 = at(x + i) - at(x + 24 + i);
    const to = sums + (i << 1);
    store<i32>(to, a0 + a1);
    store<i32>(to, a3 + a2, 16);
    store<i32>(to, a0 - a1, 32);
    store<i32>(to, a3 - a2, 48);
  }
  for (let y: usize = 0; y < 4; y++) {
    const from = sums + (y << 4), to = blocks + (y << 7);
    const dc = load<i32>(from) + 3, last = load<i32>(from, 12), second = load<i32>(from, 4), third = load<i32>(from, 8);
    store<i16>(to, <i16>((dc + last + second + third) >> 3));
    store<i16>(to, <i16>((dc - last + second - third) >> 3), 32);
    store<i16>(to, <i16>((dc + last - second - third) >> 3), 64);
    store<i16>(to, <i16>((dc - last - second + third) >> 3), 96);
  }
}

const sums: usize = memory.data(64, 16);

// @ts-ignore: decorator
@inline
function at(address: usize): i32 {
  return load<i16>(address);
}

// @ts-ignore: decorator
@inline
function cosine(x: i32): i32 {
  return x + ((x * 20091) >> 16);
}

// @ts-ignore: decorator
@inline
function sine(x: i32): i32 {
  return (x * 35468) >> 16;
}

/** Adds the inverse transform of int16 [4][4] to pixels of the work area. */
export function addBlock(x: usize, out: usize, isFirstOnly: bool): void {
  if (isFirstOnly) return addLevel((at(x) + 4) >> 3, out);
  for (let i: usize = 0; i < 4; i++) {
    const from = x + (i << 1), to = sums + (i << 4);
    const a = at(from) + at(from + 16), b = at(from) - at(from + 16);
    const c = sine(at(from + 8)) - cosine(at(from + 24)), d = cosine(at(from + 8)) + sine(at(from + 24));
    store<i32>(to, a + d);
    store<i32>(to, b + c, 4);
    store<i32>(to, b - c, 8);
    store<i32>(to, a - d, 12);
  }
  for (let y: usize = 0; y < 4; y++, out += PITCH) {
    const from = sums + (y << 2), dc = load<i32>(from) + 4;
    const a = dc + load<i32>(from, 32), b = dc - load<i32>(from, 32);
    const c = sine(load<i32>(from, 16)) - cosine(load<i32>(from, 48));
    const d = cosine(load<i32>(from, 16)) + sine(load<i32>(from, 48));
    add(out, (a + d) >> 3);
    add(out + 1, (b + c) >> 3);
    add(out + 2, (b - c) >> 3);
    add(out + 3, (a - d) >> 3);
  }
}

// @ts-ignore: decorator
@inline
function add(out: usize, change: i32): void {
  store<u8>(out, clamp(<i32>load<u8>(out) + change));
}

function addLevel(change: i32, out: usize): void {
  for (let y = 0; y < 4; y++, out += PITCH) for (let x: usize = 0; x < 4; x++) add(out + x, change);
}
