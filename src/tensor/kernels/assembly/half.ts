// Numbers of sparse rows at half precision (IEEE 754 binary16). Every half is exactly a float32, so kernel results do not
// depend on how rows are stored.

const DOWN: f32 = 1.925929944387236e-34; // 2^-112
/** Numbers beyond this are clipped, in training and in serving, because halves end at 65,504. */
export const MOST: f32 = 60000;

/**
 * Four float32 as sign-extended halves, rounded to nearest, ties to even. Below 2^-14 they are rounded to 13 bits more first.
 */
// @ts-ignore: decorator
@inline
export function narrow(x: v128): v128 {
  const cut = f32x4.max(f32x4.min(x, f32x4.splat(MOST)), f32x4.splat(-MOST));
  const bits = f32x4.mul(cut, f32x4.splat(DOWN));
  const size = v128.and(bits, i32x4.splat(0x7fffffff));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0xfff)), odd), 13);
  return v128.or(v128.and(i32x4.shr_s(bits, 31), i32x4.splat(0xffff8000)), rounded);
}
