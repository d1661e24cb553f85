// Rows of tables, in the stored formats, as float32.
import { splatHalf, widenHalf } from "./half";

const FLOATS = 0, HALVES = 1, BYTES = 2; // otherwise: four bits
const GROUP_BYTES: usize = 16; // 32 numbers of four bits

/** out [count][width] = rows `ids` of a table. format: as numbered above; width: a multiple of four, of 32 for four bits. */
export function readRows(table: usize, format: i32, rowBytes: usize, ids: usize, out: usize, count: i32, width: i32): void {
  for (let i = 0; i < count; i++, ids += 4, out += <usize>width << 2)
    readRow(table + <usize>load<u32>(ids) * rowBytes, format, out, width);
}

function readRow(row: usize, format: i32, out: usize, width: i32): void {
  const numbers = <usize>width;
  if (format == FLOATS) memory.copy(out, row, numbers << 2);
  else if (format == HALVES) for (let i: usize = 0; i < numbers; i += 4) v128.store(out + (i << 2), widenHalf(row + (i << 1)));
  else if (format == BYTES) readBytes(row, out, numbers);
  else readNibbles(row, out, numbers);
}

function readBytes(row: usize, out: usize, numbers: usize): void {
  const scale = v128.load32_splat(row + numbers);
  for (let i: usize = 0; i < numbers; i += 4) {
    const four = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(row + i)));
    v128.store(out + (i << 2), f32x4.mul(f32x4.convert_i32x4_s(four), scale));
  }
}

function readNibbles(row: usize, out: usize, numbers: usize): void {
  const end = row + (numbers >> 1);
  for (let scale = end; row < end; row += GROUP_BYTES, scale += 2, out += 128) {
    const pairs = v128.load(row), unit = splatHalf(scale);
    const even = v128.and(pairs, i8x16.splat(15)), odd = i8x16.shr_u(pairs, 4);
    writeSixteen(v128.shuffle<u8>(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), unit, out);
    writeSixteen(v128.shuffle<u8>(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), unit, out + 64);
  }
}

/** Sixteen numbers of 0 to 15. */
function writeSixteen(numbers: v128, unit: v128, out: usize): void {
  const centred = i8x16.sub(numbers, i8x16.splat(8));
  const first = i16x8.extend_low_i8x16_s(centred), second = i16x8.extend_high_i8x16_s(centred);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(first)), unit));
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(first)), unit), 16);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(second)), unit), 32);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(second)), unit), 48);
}

/** out [count][width] += the first `count` rows of a table. scratch: room for one row. */
export function addFollowingRows(
  table: usize, format: i32, rowBytes: usize, scratch: usize, out: usize, count: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++, table += rowBytes, out += bytes) {
    readRow(table, format, scratch, width);
    for (let at: usize = 0; at < bytes; at += 16) v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(scratch + at)));
  }
}
