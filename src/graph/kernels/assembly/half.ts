// Numbers at half precision (IEEE 754 binary16), finite ones only. Every half is exactly a float32.

const REBIAS: i32 = 0x38000000; // (127 − 15) · 2^23
const LEAST_NORMAL: i32 = 0x400;
const SUBNORMAL_UNIT: f32 = 5.960464477539063e-8; // 2^-24

/** Four halves as float32. */
// @ts-ignore: decorator
@inline
export function widenHalf(at: usize): v128 {
  return widenBits(v128.load_ext<u16>(at));
}

/** The same for bits in four lanes of 32. */
// @ts-ignore: decorator
@inline
function widenBits(bits: v128): v128 {
  const size = v128.and(bits, i32x4.splat(0x7fff));
  const normal = i32x4.add(i32x4.shl(size, 13), i32x4.splat(REBIAS));
  const subnormal = f32x4.mul(f32x4.convert_i32x4_s(size), f32x4.splat(SUBNORMAL_UNIT));
  const value = v128.bitselect(subnormal, normal, i32x4.lt_s(size, i32x4.splat(LEAST_NORMAL)));
  return v128.or(value, i32x4.shl(i32x4.shr_u(bits, 15), 31));
}

/** One half as float32 in all four lanes. */
// @ts-ignore: decorator
@inline
export function splatHalf(at: usize): v128 {
  return widenBits(i32x4.splat(<i32>load<u16>(at)));
}
