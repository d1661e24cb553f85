// The bits and prefix codes of lossless WebP. Bits come from the lowest one on; a code is read from its first bit on.

let bits: u64 = 0;
let count: i32 = 0;
let at: usize = 0;
let end: usize = 0;
/** Bits that were made up after the end. */
let padded: i32 = 0;

export function beginBits(from: usize, to: usize): void {
  at = from;
  end = to;
  bits = 0;
  count = 0;
  padded = 0;
}

export function isOverrun(): bool {
  return count < padded;
}

function fill(): void {
  if (count <= 32 && at + 4 <= end) {
    bits |= <u64>load<u32>(at) << count;
    count += 32;
    at += 4;
    return;
  }
  for (; count <= 56; count += 8) {
    if (at < end) bits |= <u64>load<u8>(at++) << count;
    else padded += 8;
  }
}

/** At most 32 bits. */
// @ts-ignore: decorator
@inline
export function take(n: i32): i32 {
  if (count < n) fill();
  const value = <i32>(bits & ((<u64>1 << n) - 1));
  bits >>= n;
  count -= n;
  return value;
}

// Memory for tables and data: from `next` on, up to `limit`.
let next: usize = 0;
let limit: usize = 0;

export function beginSpace(from: usize, to: usize): void {
  next = from;
  limit = to;
}

export function spaceMark(): usize {
  return next;
}

export function releaseSpace(mark: usize): void {
  next = mark;
}

/** Zeros; 0 if there is not enough memory. */
export function reserve(bytes: usize): usize {
  const from = (next + 7) & ~7;
  if (bytes > limit - from || from > limit) return 0;
  next = from + bytes;
  memory.fill(from, 0, bytes);
  return from;
}

/**
 * A code: number of bits of its look-up table u8, whether it has longer codes u8; then from byte 8 on the table u16 [2^bits] of
 * (value · 16 + length); then, for longer codes, limits u16 [7] of 9 to 15 bits, as numbers of 15 bits, offsets i16 [7] and values u16.
 */
const QUICK: i32 = 8;
const MOST: i32 = 15;
const TABLE: usize = 8;
const counts: usize = memory.data(64, 4);
const starts: usize = memory.data(64, 4);

// @ts-ignore: decorator
@inline
function lengthAt(lengths: usize, i: i32): i32 {
  return load<u8>(lengths + <usize>i);
}

/** Makes a code from the lengths of its values' codes. 0: they are no code; −1: there is not enough memory. */
export function makeCode(lengths: usize, size: i32): usize {
  memory.fill(counts, 0, 64);
  let used = 0, only = 0;
  for (let i = 0; i < size; i++) {
    const length = lengthAt(lengths, i);
    if (length == 0) continue;
    used++;
    only = i;
    store<i32>(counts + (<usize>length << 2), load<i32>(counts + (<usize>length << 2)) + 1);
  }
  if (used == 0) return 0;
  if (used == 1) return makeOnly(only);
  let code = 0, longest = 0;
  for (let length = 1; length <= MOST; length++) {
    const here = load<i32>(counts + (<usize>length << 2));
    store<i32>(starts + (<usize>length << 2), code);
    code = (code + here) << 1;
    if (here) longest = length;
  }
  if (code != 1 << (MOST + 1)) return 0; // not complete, or too many
  return fillCode(lengths, size, longest);
}

function makeOnly(value: i32): usize {
  const table = reserve(TABLE + 2);
  if (table == 0) return <usize>-1;
  store<u16>(table + TABLE, <u16>(value << 4));
  return table;
}

// @ts-ignore: decorator
@inline
function reversed(code: i32, length: i32): i32 {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

function fillCode(lengths: usize, size: i32, longest: i32): usize {
  const width = min(longest, QUICK);
  let long = 0;
  for (let length = QUICK + 1; length <= longest; length++) long += load<i32>(counts + (<usize>length << 2));
  const table = reserve(TABLE + (<usize>2 << width) + (long ? 28 + (<usize>long << 1) : 0));
  if (table == 0) return <usize>-1;
  store<u8>(table, <u8>width);
  store<u8>(table, long ? 1 : 0, 1);
  if (long) fillLimits(table, width);
  for (let value = 0; value < size; value++) {
    const length = lengthAt(lengths, value);
    if (length == 0) continue;
    const place = starts + (<usize>length << 2), code = load<i32>(place);
    store<i32>(place, code + 1);
    if (length <= QUICK) {
      const entry = <u16>((value << 4) | length);
      for (let i = reversed(code, length); i < 1 << width; i += 1 << length) store<u16>(table + TABLE + (<usize>i << 1), entry);
    } else store<u16>(longValues(table, width) + (<usize>(code + offsetOf(table, width, length)) << 1), <u16>value);
  }
  return table;
}

// @ts-ignore: decorator
@inline
function longs(table: usize, width: i32): usize {
  return table + TABLE + (<usize>2 << width);
}

// @ts-ignore: decorator
@inline
function longValues(table: usize, width: i32): usize {
  return longs(table, width) + 28;
}

// @ts-ignore: decorator
@inline
function offsetOf(table: usize, width: i32, length: i32): i32 {
  return load<i16>(longs(table, width) + (<usize>(length - QUICK - 1) << 1), 14);
}

function fillLimits(table: usize, width: i32): void {
  let index = 0;
  for (let length = QUICK + 1; length <= MOST; length++) {
    const from = load<i32>(starts + (<usize>length << 2)), here = load<i32>(counts + (<usize>length << 2));
    const at = longs(table, width) + (<usize>(length - QUICK - 1) << 1);
    store<u16>(at, <u16>((from + here) << (MOST - length)));
    store<i16>(at, <i16>(index - from), 14);
    index += here;
  }
}

/** The value of the next code. */
// @ts-ignore: decorator
@inline
export function takeCode(table: usize): i32 {
  if (count < MOST) fill();
  const width = <i32>load<u8>(table);
  const entry = <i32>load<u16>(table + TABLE + (<usize>(bits & ((1 << width) - 1)) << 1));
  if (entry || !load<u8>(table, 1)) {
    bits >>= entry & 15;
    count -= entry & 15;
    return entry >> 4;
  }
  return takeLong(table, width);
}

function takeLong(table: usize, width: i32): i32 {
  const next = reversed(<i32>(bits & 0x7fff), MOST);
  let length = QUICK + 1;
  while (length < MOST && next >= <i32>load<u16>(longs(table, width) + (<usize>(length - QUICK - 1) << 1))) length++;
  bits >>= length;
  count -= length;
  const index = (next >> (MOST - length)) + offsetOf(table, width, length);
  return load<u16>(longValues(table, width) + (<usize>index << 1));
}
