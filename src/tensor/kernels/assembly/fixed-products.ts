// A · B of 16-bit integers: eight multiplications an instruction, where float32 has four, and sums that are exact. A's rows
// are contiguous; B holds eight classes, the two numbers of a pair along the sum side by side: [pairs][8][2]. Whoever scales
// A and B sees to it that no sum leaves 32 bits.

/** Eight sums of a row as float32, times the scales of the row and of each class, onto what is there. */
// @ts-ignore: decorator
@inline
function addScaled(at: usize, low: v128, high: v128, row: v128, lowScale: v128, highScale: v128): void {
  const a = f32x4.mul(f32x4.convert_i32x4_s(low), f32x4.mul(row, lowScale));
  const b = f32x4.mul(f32x4.convert_i32x4_s(high), f32x4.mul(row, highScale));
  v128.store(at, f32x4.add(v128.load(at), a));
  v128.store(at, f32x4.add(v128.load(at, 16), b), 16);
}

// @ts-ignore: decorator
@inline
function add(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/**
 * out[r][8] += scale[r] · classScale[8] · Σ A[r] · B over `length` numbers, a multiple of eight. `rows`: a multiple of four;
 * aBytes and outBytes: between two rows; scaleStep: bytes between the scales of two rows, 0 for one that all share.
 */
export function addFixedProducts(
  a: usize, aBytes: usize, b: usize, length: i32, scale: usize, scaleStep: usize, classScale: usize,
  out: usize, outBytes: usize, rows: i32,
): void {
  for (let r = 0; r < rows; r += 4) {
    fourRows(a, aBytes, b, length, scale, scaleStep, classScale, out, outBytes);
    a += aBytes << 2;
    out += outBytes << 2;
    scale += scaleStep << 2;
  }
}

/** As `addFixedProducts`, where only the first four classes are in use. */
export function addNarrowFixedProducts(
  a: usize, aBytes: usize, b: usize, length: i32, scale: usize, scaleStep: usize, classScale: usize,
  out: usize, outBytes: usize, rows: i32,
): void {
  for (let r = 0; r < rows; r += 4) {
    fourRowsNarrow(a, aBytes, b, length, scale, scaleStep, classScale, out, outBytes);
    a += aBytes << 2;
    out += outBytes << 2;
    scale += scaleStep << 2;
  }
}

// @ts-ignore: decorator
@inline
function fourRows(
  a: usize, aBytes: usize, b: usize, length: i32, scale: usize, scaleStep: usize, classScale: usize,
  out: usize, outBytes: usize,
): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const a1 = a + aBytes, a2 = a1 + aBytes, a3 = a2 + aBytes;
  const end = <usize>length << 1;
  let b0: v128, b1: v128, s: v128;
  for (let at: usize = 0; at < end; at += 16) {
    const v0 = v128.load(a + at), v1 = v128.load(a1 + at), v2 = v128.load(a2 + at), v3 = v128.load(a3 + at);

    b0 = v128.load(b, 0); b1 = v128.load(b, 16);
    s = v128.shuffle<i32>(v0, v0, 0, 0, 0, 0); s00 = add(s00, s, b0); s01 = add(s01, s, b1);
    s = v128.shuffle<i32>(v1, v1, 0, 0, 0, 0); s10 = add(s10, s, b0); s11 = add(s11, s, b1);
    s = v128.shuffle<i32>(v2, v2, 0, 0, 0, 0); s20 = add(s20, s, b0); s21 = add(s21, s, b1);
    s = v128.shuffle<i32>(v3, v3, 0, 0, 0, 0); s30 = add(s30, s, b0); s31 = add(s31, s, b1);

    b0 = v128.load(b, 32); b1 = v128.load(b, 48);
    s = v128.shuffle<i32>(v0, v0, 1, 1, 1, 1); s00 = add(s00, s, b0); s01 = add(s01, s, b1);
    s = v128.shuffle<i32>(v1, v1, 1, 1, 1, 1); s10 = add(s10, s, b0); s11 = add(s11, s, b1);
    s = v128.shuffle<i32>(v2, v2, 1, 1, 1, 1); s20 = add(s20, s, b0); s21 = add(s21, s, b1);
    s = v128.shuffle<i32>(v3, v3, 1, 1, 1, 1); s30 = add(s30, s, b0); s31 = add(s31, s, b1);

    b0 = v128.load(b, 64); b1 = v128.load(b, 80);
    s = v128.shuffle<i32>(v0, v0, 2, 2, 2, 2); s00 = add(s00, s, b0); s01 = add(s01, s, b1);
    s = v128.shuffle<i32>(v1, v1, 2, 2, 2, 2); s10 = add(s10, s, b0); s11 = add(s11, s, b1);
    s = v128.shuffle<i32>(v2, v2, 2, 2, 2, 2); s20 = add(s20, s, b0); s21 = add(s21, s, b1);
    s = v128.shuffle<i32>(v3, v3, 2, 2, 2, 2); s30 = add(s30, s, b0); s31 = add(s31, s, b1);

    b0 = v128.load(b, 96); b1 = v128.load(b, 112);
    s = v128.shuffle<i32>(v0, v0, 3, 3, 3, 3); s00 = add(s00, s, b0); s01 = add(s01, s, b1);
    s = v128.shuffle<i32>(v1, v1, 3, 3, 3, 3); s10 = add(s10, s, b0); s11 = add(s11, s, b1);
    s = v128.shuffle<i32>(v2, v2, 3, 3, 3, 3); s20 = add(s20, s, b0); s21 = add(s21, s, b1);
    s = v128.shuffle<i32>(v3, v3, 3, 3, 3, 3); s30 = add(s30, s, b0); s31 = add(s31, s, b1);
    b += 128;
  }
  const c0 = v128.load(classScale), c1 = v128.load(classScale, 16);
  addScaled(out, s00, s01, v128.load32_splat(scale), c0, c1);
  addScaled(out + outBytes, s10, s11, v128.load32_splat(scale + scaleStep), c0, c1);
  addScaled(out + 2 * outBytes, s20, s21, v128.load32_splat(scale + 2 * scaleStep), c0, c1);
  addScaled(out + 3 * outBytes, s30, s31, v128.load32_splat(scale + 3 * scaleStep), c0, c1);
}

// @ts-ignore: decorator
@inline
function addScaledNarrow(at: usize, low: v128, row: v128, scale: v128): void {
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(f32x4.convert_i32x4_s(low), f32x4.mul(row, scale))));
}

// @ts-ignore: decorator
@inline
function fourRowsNarrow(
  a: usize, aBytes: usize, b: usize, length: i32, scale: usize, scaleStep: usize, classScale: usize,
  out: usize, outBytes: usize,
): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const a1 = a + aBytes, a2 = a1 + aBytes, a3 = a2 + aBytes;
  const end = <usize>length << 1;
  let b0: v128;
  for (let at: usize = 0; at < end; at += 16) {
    const v0 = v128.load(a + at), v1 = v128.load(a1 + at), v2 = v128.load(a2 + at), v3 = v128.load(a3 + at);
    b0 = v128.load(b, 0);
    s0 = add(s0, v128.shuffle<i32>(v0, v0, 0, 0, 0, 0), b0);
    s1 = add(s1, v128.shuffle<i32>(v1, v1, 0, 0, 0, 0), b0);
    s2 = add(s2, v128.shuffle<i32>(v2, v2, 0, 0, 0, 0), b0);
    s3 = add(s3, v128.shuffle<i32>(v3, v3, 0, 0, 0, 0), b0);
    b0 = v128.load(b, 32);
    s0 = add(s0, v128.shuffle<i32>(v0, v0, 1, 1, 1, 1), b0);
    s1 = add(s1, v128.shuffle<i32>(v1, v1, 1, 1, 1, 1), b0);
    s2 = add(s2, v128.shuffle<i32>(v2, v2, 1, 1, 1, 1), b0);
    s3 = add(s3, v128.shuffle<i32>(v3, v3, 1, 1, 1, 1), b0);
    b0 = v128.load(b, 64);
    s0 = add(s0, v128.shuffle<i32>(v0, v0, 2, 2, 2, 2), b0);
    s1 = add(s1, v128.shuffle<i32>(v1, v1, 2, 2, 2, 2), b0);
    s2 = add(s2, v128.shuffle<i32>(v2, v2, 2, 2, 2, 2), b0);
    s3 = add(s3, v128.shuffle<i32>(v3, v3, 2, 2, 2, 2), b0);
    b0 = v128.load(b, 96);
    s0 = add(s0, v128.shuffle<i32>(v0, v0, 3, 3, 3, 3), b0);
    s1 = add(s1, v128.shuffle<i32>(v1, v1, 3, 3, 3, 3), b0);
    s2 = add(s2, v128.shuffle<i32>(v2, v2, 3, 3, 3, 3), b0);
    s3 = add(s3, v128.shuffle<i32>(v3, v3, 3, 3, 3, 3), b0);
    b += 128;
  }
  const c = v128.load(classScale);
  addScaledNarrow(out, s0, v128.load32_splat(scale), c);
  addScaledNarrow(out + outBytes, s1, v128.load32_splat(scale + scaleStep), c);
  addScaledNarrow(out + 2 * outBytes, s2, v128.load32_splat(scale + 2 * scaleStep), c);
  addScaledNarrow(out + 3 * outBytes, s3, v128.load32_splat(scale + 3 * scaleStep), c);
}
