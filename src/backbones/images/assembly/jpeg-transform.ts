// The inverse cosine transform of JPEG, equal to the accurate integer one of libjpeg (jidctint.c) in every bit, four columns at a time.

const F0_298: i32 = 2446, F0_390: i32 = 3196, F0_541: i32 = 4433, F0_765: i32 = 6270, F0_899: i32 = 7373, F1_175: i32 = 9633;
const F1_501: i32 = 12299, F1_847: i32 = 15137, F1_961: i32 = 16069, F2_053: i32 = 16819, F2_562: i32 = 20995, F3_072: i32 = 25172;

const columns: usize = memory.data(256, 16); // int32 [8][8]
const rows: usize = memory.data(256, 16);

// @ts-ignore: decorator
@inline
function times(x: v128, factor: i32): v128 {
  return i32x4.mul(x, i32x4.splat(factor));
}

/** Four columns of int32 [8][8] → out, in place or not. */
// @ts-ignore: decorator
@inline
function transformFour(x: usize, out: usize, shift: i32): void {
  let z2 = v128.load(x, 64), z3 = v128.load(x, 192);
  let z1 = times(i32x4.add(z2, z3), F0_541);
  let tmp2 = i32x4.sub(z1, times(z3, F1_847)), tmp3 = i32x4.add(z1, times(z2, F0_765));
  z2 = v128.load(x);
  z3 = v128.load(x, 128);
  const round = i32x4.splat(1 << (shift - 1));
  let tmp0 = i32x4.add(i32x4.shl(i32x4.add(z2, z3), 13), round), tmp1 = i32x4.add(i32x4.shl(i32x4.sub(z2, z3), 13), round);
  const tmp10 = i32x4.add(tmp0, tmp3), tmp13 = i32x4.sub(tmp0, tmp3);
  const tmp11 = i32x4.add(tmp1, tmp2), tmp12 = i32x4.sub(tmp1, tmp2);
  tmp0 = v128.load(x, 224);
  tmp1 = v128.load(x, 160);
  tmp2 = v128.load(x, 96);
  tmp3 = v128.load(x, 32);
  z1 = times(i32x4.add(tmp0, tmp3), -F0_899);
  z2 = times(i32x4.add(tmp1, tmp2), -F2_562);
  z3 = i32x4.add(tmp0, tmp2);
  let z4 = i32x4.add(tmp1, tmp3);
  const z5 = times(i32x4.add(z3, z4), F1_175);
  z3 = i32x4.sub(z5, times(z3, F1_961));
  z4 = i32x4.sub(z5, times(z4, F0_390));
  tmp0 = i32x4.add(times(tmp0, F0_298), i32x4.add(z1, z3));
  tmp1 = i32x4.add(times(tmp1, F2_053), i32x4.add(z2, z4));
  tmp2 = i32x4.add(times(tmp2, F3_072), i32x4.add(z2, z3));
  tmp3 = i32x4.add(times(tmp3, F1_501), i32x4.add(z1, z4));
  v128.store(out, i32x4.shr_s(i32x4.add(tmp10, tmp3), shift));
  v128.store(out, i32x4.shr_s(i32x4.sub(tmp10, tmp3), shift), 224);
  v128.store(out, i32x4.shr_s(i32x4.add(tmp11, tmp2), shift), 32);
  v128.store(out, i32x4.shr_s(i32x4.sub(tmp11, tmp2), shift), 192);
  v128.store(out, i32x4.shr_s(i32x4.add(tmp12, tmp1), shift), 64);
  v128.store(out, i32x4.shr_s(i32x4.sub(tmp12, tmp1), shift), 160);
  v128.store(out, i32x4.shr_s(i32x4.add(tmp13, tmp0), shift), 96);
  v128.store(out, i32x4.shr_s(i32x4.sub(tmp13, tmp0), shift), 128);
}

/** A quarter of the transposed int32 [8][8]. */
// @ts-ignore: decorator
@inline
function turnFour(x: usize, out: usize): void {
  const a = v128.load(x), b = v128.load(x, 32), c = v128.load(x, 64), d = v128.load(x, 96);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5), cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(out, v128.shuffle<i64>(ab, cd, 1, 3), 32);
  v128.store(out, v128.shuffle<i64>(ab2, cd2, 0, 2), 64);
  v128.store(out, v128.shuffle<i64>(ab2, cd2, 1, 3), 96);
}

function turn(x: usize, out: usize): void {
  turnFour(x, out);
  turnFour(x + 16, out + 128);
  turnFour(x + 128, out + 16);
  turnFour(x + 144, out + 144);
}

/** coefficients int16 [8][8] times quantisers int32 [8][8] → bytes, rows `stride` apart. */
export function transformBlock(block: usize, quantisers: usize, out: usize, stride: usize): void {
  if (isFlat(block)) return fillBlock(<i32>load<i16>(block) * load<i32>(quantisers), out, stride);
  for (let i: usize = 0; i < 8; i++) {
    const x = v128.load(block + (i << 4)), at = i << 5;
    v128.store(columns + at, i32x4.mul(i32x4.extend_low_i16x8_s(x), v128.load(quantisers + at)));
    v128.store(columns + at, i32x4.mul(i32x4.extend_high_i16x8_s(x), v128.load(quantisers + at, 16)), 16);
  }
  transformFour(columns, columns, 11);
  transformFour(columns + 16, columns + 16, 11);
  turn(columns, rows);
  transformFour(rows, rows, 18);
  transformFour(rows + 16, rows + 16, 18);
  turn(rows, columns);
  const middle = i16x8.splat(128);
  for (let i: usize = 0; i < 8; i++, out += stride) {
    const at = columns + (i << 5);
    const row = i16x8.add_sat_s(i16x8.narrow_i32x4_s(v128.load(at), v128.load(at, 16)), middle);
    v128.store64_lane(out, i8x16.narrow_i16x8_u(row, row), 0);
  }
}

/** Whether all coefficients but the first are zero. */
function isFlat(block: usize): bool {
  let any = v128.and(v128.load(block), i32x4(-65536, -1, -1, -1));
  for (let i: usize = 16; i < 128; i += 16) any = v128.or(any, v128.load(block + i));
  return !v128.any_true(any);
}

function fillBlock(first: i32, out: usize, stride: usize): void {
  const level = min(max(((first << 2) + 16 >> 5) + 128, 0), 255);
  const bytes = i8x16.splat(<i8>level);
  for (let i = 0; i < 8; i++, out += stride) v128.store64_lane(out, bytes, 0);
}
