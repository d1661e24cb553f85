// The bits of a JPEG scan, and its Huffman codes. The reader never passes `end` or a marker: it then gives zeros, and `isOverrun` tells
// that some of these were used.

let at: usize = 0;
let end: usize = 0;
/** The next bits, from the highest bit downwards; `count` of them are valid, and the last `padded` of all bits are made up. */
let bits: u64 = 0;
let count: i32 = 0;
let padded: i32 = 0;

export function beginBits(from: usize, to: usize): void {
  at = from;
  end = to;
  bits = 0;
  count = 0;
  padded = 0;
}

/** Where the entropy-coded data stopped: at a marker, or at the end. */
export function bitsAt(): usize {
  while (at < end && !isMarker()) at++;
  return at;
}

export function isOverrun(): bool {
  return count < padded;
}

/** Skips the rest of a byte and the restart marker of this number. False: another marker or nothing follows. */
export function restart(number: i32): bool {
  const marker = bitsAt();
  if (marker + 2 > end || load<u8>(marker, 1) != <u8>(0xd0 + (number & 7))) return false;
  beginBits(marker + 2, end);
  return true;
}

// @ts-ignore: decorator
@inline
function isMarker(): bool {
  if (load<u8>(at) != 0xff) return false;
  return at + 1 < end ? load<u8>(at, 1) != 0 && load<u8>(at, 1) != 0xff : false;
}

function fill(): void {
  if (count <= 32 && at + 4 <= end) {
    const inverted = ~load<u32>(at);
    if (!((inverted - 0x01010101) & ~inverted & 0x80808080)) { // none of the four bytes is 0xff
      bits |= <u64>bswap<u32>(~inverted) << (32 - count);
      count += 32;
      at += 4;
      return;
    }
  }
  for (; count <= 56; count += 8) {
    if (at >= end || isMarker()) {
      padded += 8;
      continue;
    }
    const byte = load<u8>(at++);
    if (byte == 0xff) while (at < end && load<u8>(at) == 0xff && !isMarker()) at++;
    if (byte == 0xff && at < end && load<u8>(at) == 0) at++;
    bits |= <u64>byte << (56 - count);
  }
}

// @ts-ignore: decorator
@inline
export function take(n: i32): i32 {
  if (n == 0) return 0;
  if (count < n) fill();
  const value = <i32>(bits >> (64 - n));
  bits <<= n;
  count -= n;
  return value;
}

/** A number of n bits as T.81 F.2.2.1 codes it: half of the values are negative. */
// @ts-ignore: decorator
@inline
export function takeSigned(n: i32): i32 {
  const value = take(n);
  return n == 0 || value >> (n - 1) ? value : value - (1 << n) + 1;
}

/** A table: look-up of 9 bits u16 [512], limits of longer codes u32 [18], offsets i32 [18], values u8 [256]. */
const QUICK: i32 = 9;
const LIMITS: usize = 1024;
const OFFSETS: usize = LIMITS + 72;
const VALUES: usize = OFFSETS + 72;
const TABLE: usize = VALUES + 256;
const tables: usize = memory.data(11392, 16); // 8 · TABLE

/** tableClass: 0 for DC, 1 for AC. */
// @ts-ignore: decorator
@inline
export function tableOf(tableClass: i32, id: i32): usize {
  return tables + <usize>((tableClass << 2) + id) * TABLE;
}

/** Forgets all tables: no code is then valid. */
export function forgetTables(): void {
  memory.fill(tables, 0, TABLE << 3);
}

/** From counts of the codes of 1 to 16 bits, and their values. False: there are more codes than such lengths allow. */
export function makeTable(tableClass: i32, id: i32, counts: usize): bool {
  const table = tableOf(tableClass, id);
  memory.fill(table, 0, TABLE);
  let code: u32 = 0, index = 0;
  for (let length = 1; length <= 16; length++) {
    store<i32>(table + OFFSETS + (<usize>length << 2), index - <i32>code);
    for (let n = <i32>load<u8>(counts + <usize>(length - 1)); n > 0; n--, index++, code++) {
      if (code >> length) return false;
      const value = load<u8>(counts + 16 + <usize>index);
      store<u8>(table + VALUES + <usize>index, value);
      if (length <= QUICK) fillQuick(table, code << (QUICK - length), QUICK - length, (length << 8) | value);
    }
    store<u32>(table + LIMITS + (<usize>length << 2), code << (16 - length));
    code <<= 1;
  }
  return true;
}

function fillQuick(table: usize, from: u32, free: i32, entry: i32): void {
  for (let i: u32 = 0; i < <u32>1 << free; i++) store<u16>(table + (<usize>(from + i) << 1), <u16>entry);
}

/** The value of the next code; -1 for bits that are no code. */
// @ts-ignore: decorator
@inline
export function takeCode(table: usize): i32 {
  if (count < 16) fill();
  const quick = <i32>load<u16>(table + (<usize>(bits >> 55) << 1));
  if (quick) {
    bits <<= quick >> 8;
    count -= quick >> 8;
    return quick & 0xff;
  }
  return takeLongCode(table);
}

function takeLongCode(table: usize): i32 {
  const next = <u32>(bits >> 48);
  let length = QUICK + 1;
  while (length <= 16 && next >= load<u32>(table + LIMITS + (<usize>length << 2))) length++;
  if (length > 16) return -1;
  bits <<= length;
  count -= length;
  const index = (<i32>(next >> (16 - length)) + load<i32>(table + OFFSETS + (<usize>length << 2))) & 0xff;
  return load<u8>(table + VALUES + <usize>index);
}
