// The two products of a linear head over a block of feature rows. Classes come in slabs of eight: weights are laid out
// [slab][dimension][8], so that both loops read them in sequence. Rows are processed four at a time, the remaining ones singly.
// The caller pads dimensions with zeros to a multiple of eight.
//
// Eight accumulators, four vectors of x and two of weights use all sixteen SIMD registers. x is loaded four numbers at a time
// and spread by shuffles: the engine checks the bounds of every load, and one load for four numbers is a third faster.

const LANES: usize = 8;

// @ts-ignore: decorator
@inline
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b)); // two roundings, as in tfjs's product; relaxed SIMD would differ between machines
}

/**
 * out[r][k] = bias[k] + Σ_d x[r][d] · w[d][k], summed over d in order: the bits do not depend on how rows are grouped. x:
 * [rows][xStride], w: [slabs][dims][8], bias: [slabs · 8]. The eight numbers of (row, slab) go to out + row · rowBytes + slab ·
 * slabBytes.
 */
export function products(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, dims: i32, xStride: i32, slabs: i32,
  rowBytes: usize, slabBytes: usize,
): void {
  const xBytes = <usize>xStride << 2;
  for (let slab = 0; slab < slabs; slab++) {
    const slabW = w + <usize>slab * <usize>dims * (LANES << 2);
    const slabBias = bias + <usize>slab * (LANES << 2);
    const slabOut = out + <usize>slab * slabBytes;
    let r = 0;
    for (; r + 4 <= rows; r += 4) {
      fourRows(x + <usize>r * xBytes, xBytes, slabW, slabBias, slabOut + <usize>r * rowBytes, rowBytes, dims);
    }
    for (; r < rows; r++) oneRow(x + <usize>r * xBytes, slabW, slabBias, slabOut + <usize>r * rowBytes, dims);
  }
}

/** As `products`, with out as [rows][slabs · 8]. */
// @ts-ignore: decorator
@inline
export function rowProducts(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, dims: i32, xStride: i32, slabs: i32,
): void {
  products(x, w, bias, out, rows, dims, xStride, slabs, <usize>slabs << 5, 32);
}

/** Four rows against one slab of classes. */
// @ts-ignore: decorator
@inline
function fourRows(x: usize, xBytes: usize, w: usize, bias: usize, out: usize, outBytes: usize, dims: i32): void {
  let a00 = f32x4.splat(0), a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
  const x1 = x + xBytes, x2 = x1 + xBytes, x3 = x2 + xBytes;
  const end = <usize>dims << 2;
  let w0: v128, w1: v128, s: v128;
  for (let d: usize = 0; d < end; d += 16) {
    const v0 = v128.load(x + d), v1 = v128.load(x1 + d), v2 = v128.load(x2 + d), v3 = v128.load(x3 + d);

    w0 = v128.load(w, 0); w1 = v128.load(w, 16);
    s = v128.shuffle<f32>(v0, v0, 0, 0, 0, 0); a00 = multiplyAdd(a00, s, w0); a01 = multiplyAdd(a01, s, w1);
    s = v128.shuffle<f32>(v1, v1, 0, 0, 0, 0); a10 = multiplyAdd(a10, s, w0); a11 = multiplyAdd(a11, s, w1);
    s = v128.shuffle<f32>(v2, v2, 0, 0, 0, 0); a20 = multiplyAdd(a20, s, w0); a21 = multiplyAdd(a21, s, w1);
    s = v128.shuffle<f32>(v3, v3, 0, 0, 0, 0); a30 = multiplyAdd(a30, s, w0); a31 = multiplyAdd(a31, s, w1);

    w0 = v128.load(w, 32); w1 = v128.load(w, 48);
    s = v128.shuffle<f32>(v0, v0, 1, 1, 1, 1); a00 = multiplyAdd(a00, s, w0); a01 = multiplyAdd(a01, s, w1);
    s = v128.shuffle<f32>(v1, v1, 1, 1, 1, 1); a10 = multiplyAdd(a10, s, w0); a11 = multiplyAdd(a11, s, w1);
    s = v128.shuffle<f32>(v2, v2, 1, 1, 1, 1); a20 = multiplyAdd(a20, s, w0); a21 = multiplyAdd(a21, s, w1);
    s = v128.shuffle<f32>(v3, v3, 1, 1, 1, 1); a30 = multiplyAdd(a30, s, w0); a31 = multiplyAdd(a31, s, w1);

    w0 = v128.load(w, 64); w1 = v128.load(w, 80);
    s = v128.shuffle<f32>(v0, v0, 2, 2, 2, 2); a00 = multiplyAdd(a00, s, w0); a01 = multiplyAdd(a01, s, w1);
    s = v128.shuffle<f32>(v1, v1, 2, 2, 2, 2); a10 = multiplyAdd(a10, s, w0); a11 = multiplyAdd(a11, s, w1);
    s = v128.shuffle<f32>(v2, v2, 2, 2, 2, 2); a20 = multiplyAdd(a20, s, w0); a21 = multiplyAdd(a21, s, w1);
    s = v128.shuffle<f32>(v3, v3, 2, 2, 2, 2); a30 = multiplyAdd(a30, s, w0); a31 = multiplyAdd(a31, s, w1);

    w0 = v128.load(w, 96); w1 = v128.load(w, 112);
    s = v128.shuffle<f32>(v0, v0, 3, 3, 3, 3); a00 = multiplyAdd(a00, s, w0); a01 = multiplyAdd(a01, s, w1);
    s = v128.shuffle<f32>(v1, v1, 3, 3, 3, 3); a10 = multiplyAdd(a10, s, w0); a11 = multiplyAdd(a11, s, w1);
    s = v128.shuffle<f32>(v2, v2, 3, 3, 3, 3); a20 = multiplyAdd(a20, s, w0); a21 = multiplyAdd(a21, s, w1);
    s = v128.shuffle<f32>(v3, v3, 3, 3, 3, 3); a30 = multiplyAdd(a30, s, w0); a31 = multiplyAdd(a31, s, w1);
    w += 128;
  }
  const b0 = v128.load(bias), b1 = v128.load(bias, 16);
  storePair(out, f32x4.add(a00, b0), f32x4.add(a01, b1));
  storePair(out + outBytes, f32x4.add(a10, b0), f32x4.add(a11, b1));
  storePair(out + 2 * outBytes, f32x4.add(a20, b0), f32x4.add(a21, b1));
  storePair(out + 3 * outBytes, f32x4.add(a30, b0), f32x4.add(a31, b1));
}

/** One row against one slab: the bits of `fourRows`, in a third of its time. */
function oneRow(x: usize, w: usize, bias: usize, out: usize, dims: i32): void {
  let a0 = f32x4.splat(0), a1 = a0;
  for (const end = x + (<usize>dims << 2); x < end; x += 4, w += 32) {
    const s = v128.load32_splat(x);
    a0 = multiplyAdd(a0, s, v128.load(w));
    a1 = multiplyAdd(a1, s, v128.load(w, 16));
  }
  storePair(out, f32x4.add(a0, v128.load(bias)), f32x4.add(a1, v128.load(bias, 16)));
}

// @ts-ignore: decorator
@inline
function storePair(at: usize, low: v128, high: v128): void {
  v128.store(at, low);
  v128.store(at, high, 16);
}

/**
 * gradient[slab][d][8] += Σ_r x[r][d] · g[r][slab·8 …], summed over r in order. x: [rows][xStride], g: [rows][gBytes / 4].
 * `lower` skips d below the slab's own columns: half of a symmetric product.
 */
export function linearGradient(
  x: usize, g: usize, gradient: usize, rows: i32, dims: i32, xStride: i32, slabs: i32, gBytes: usize, lower: bool,
): void {
  const xBytes = <usize>xStride << 2;
  for (let slab = 0; slab < slabs; slab++) {
    const slabG = g + <usize>slab * (LANES << 2);
    const out = gradient + <usize>slab * <usize>dims * (LANES << 2);
    for (let d = lower ? slab << 3 : 0; d < dims; d += 4) {
      fourDimensions(x + (<usize>d << 2), xBytes, slabG, gBytes, out + <usize>d * (LANES << 2), rows);
    }
  }
}

/** Four dimensions against one slab of classes, over all rows. */
// @ts-ignore: decorator
@inline
function fourDimensions(x: usize, xBytes: usize, g: usize, gBytes: usize, out: usize, rows: i32): void {
  let a00 = v128.load(out), a01 = v128.load(out, 16), a10 = v128.load(out, 32), a11 = v128.load(out, 48);
  let a20 = v128.load(out, 64), a21 = v128.load(out, 80), a30 = v128.load(out, 96), a31 = v128.load(out, 112);
  for (let r = 0; r < rows; r++) {
    const g0 = v128.load(g), g1 = v128.load(g, 16), v = v128.load(x);
    let s = v128.shuffle<f32>(v, v, 0, 0, 0, 0); a00 = multiplyAdd(a00, s, g0); a01 = multiplyAdd(a01, s, g1);
    s = v128.shuffle<f32>(v, v, 1, 1, 1, 1); a10 = multiplyAdd(a10, s, g0); a11 = multiplyAdd(a11, s, g1);
    s = v128.shuffle<f32>(v, v, 2, 2, 2, 2); a20 = multiplyAdd(a20, s, g0); a21 = multiplyAdd(a21, s, g1);
    s = v128.shuffle<f32>(v, v, 3, 3, 3, 3); a30 = multiplyAdd(a30, s, g0); a31 = multiplyAdd(a31, s, g1);
    g += gBytes;
    x += xBytes;
  }
  storePair(out, a00, a01);
  storePair(out + 32, a10, a11);
  storePair(out + 64, a20, a21);
  storePair(out + 96, a30, a31);
}
