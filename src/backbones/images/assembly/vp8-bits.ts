// The boolean decoder of VP8 (RFC 6386, section 7). A file has up to nine streams of which one is read at a time: `select` changes it.

/** The window's next bits are the highest ones. `spare`: bits in it beyond eight. */
let window: u64 = 0;
let spare: i32 = 0;
let range: u32 = 255;
let at: usize = 0;
let end: usize = 0;
/** Whether more bits were read than there are. */
let isOver: bool = false;

const STREAM: usize = 40;
const streams: usize = memory.data(360, 16);
let selected: usize = streams;

export function openStream(i: i32, from: usize, to: usize): void {
  const stream = streams + <usize>i * STREAM;
  store<u64>(stream, 0);
  store<i32>(stream, -8, 8);
  store<u32>(stream, 255, 12);
  store<usize>(stream, from, 16);
  store<usize>(stream, to, 20);
  store<u32>(stream, 0, 24);
  if (stream == selected) resume(stream);
}

export function select(i: i32): void {
  store<u64>(selected, window);
  store<i32>(selected, spare, 8);
  store<u32>(selected, range, 12);
  store<usize>(selected, at, 16);
  store<u32>(selected, isOver ? 1 : 0, 24);
  selected = streams + <usize>i * STREAM;
  resume(selected);
}

function resume(stream: usize): void {
  window = load<u64>(stream);
  spare = load<i32>(stream, 8);
  range = load<u32>(stream, 12);
  at = load<usize>(stream, 16);
  end = load<usize>(stream, 20);
  isOver = load<u32>(stream, 24) != 0;
}

export function isExhausted(): bool {
  return isOver;
}

function fill(): void {
  if (at == end) {
    isOver = true;
    spare += 8;
    return;
  }
  for (; spare <= 40 && at < end; spare += 8, at++) window |= <u64>load<u8>(at) << (48 - spare);
}

/** A bit that is 0 with a probability of `chance` / 256. */
// @ts-ignore: decorator
@inline
export function bit(chance: i32): i32 {
  while (spare < 0) fill();
  const split = 1 + (((range - 1) * <u32>chance) >> 8), high = <u64>split << 56;
  const is = window >= high;
  if (is) {
    range -= split;
    window -= high;
  } else range = split;
  const shift = clz<u32>(range) - 24;
  range <<= shift;
  window <<= shift;
  spare -= shift;
  return is ? 1 : 0;
}

export function flag(): bool {
  return bit(128) != 0;
}

export function value(bits: i32): i32 {
  let x = 0;
  while (bits-- > 0) x = (x << 1) | bit(128);
  return x;
}

/** A number and its sign. */
export function signed(bits: i32): i32 {
  const x = value(bits);
  return flag() ? -x : x;
}

/** The same where a bit tells whether it is there; else 0. */
export function optional(bits: i32): i32 {
  return flag() ? signed(bits) : 0;
}
