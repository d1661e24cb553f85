// One pass over a block of feature rows, in the memory of tfjs's own WASM module: logits, and the gradient Xᵀ·G.
// Classes come in slabs of eight: weights are laid out [slab][dimension][8], so that both loops read them in sequence.
// Rows are padded by the caller to a multiple of four, dimensions to a multiple of eight; padding is zero.

const LANES: usize = 8;

/**
 * logits[r][k] = bias[k] + Σ_d x[r][d] · w[d][k], summed over d in order: the bits do not depend on how rows are grouped.
 * x: [rows][xStride], w: [slabs][dims][8], bias: [slabs · 8], logits: [rows][slabs · 8].
 */
export function linearLogits(
  x: usize, w: usize, bias: usize, logits: usize, rows: i32, dims: i32, xStride: i32, slabs: i32,
): void {
  const xBytes = <usize>xStride << 2;
  const outBytes = (<usize>slabs * LANES) << 2;
  for (let slab = 0; slab < slabs; slab++) {
    const slabW = w + <usize>slab * <usize>dims * (LANES << 2);
    const column = <usize>slab * (LANES << 2);
    const b0 = v128.load(bias + column);
    const b1 = v128.load(bias + column, 16);
    for (let r = 0; r < rows; r += 4) {
      const x0 = x + <usize>r * xBytes;
      const x1 = x0 + xBytes;
      const x2 = x1 + xBytes;
      const x3 = x2 + xBytes;
      let a00 = f32x4.splat(0), a01 = a00, a10 = a00, a11 = a00, a20 = a00, a21 = a00, a30 = a00, a31 = a00;
      let p = slabW;
      let w0: v128, w1: v128, s: v128;
      const end = <usize>dims << 2;
      for (let d: usize = 0; d < end; d += 16) {
        const v0 = v128.load(x0 + d);
        const v1 = v128.load(x1 + d);
        const v2 = v128.load(x2 + d);
        const v3 = v128.load(x3 + d);
        w0 = v128.load(p, 0);
        w1 = v128.load(p, 16);
        s = v128.shuffle<f32>(v0, v0, 0, 0, 0, 0);
        a00 = f32x4.add(a00, f32x4.mul(s, w0));
        a01 = f32x4.add(a01, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v1, v1, 0, 0, 0, 0);
        a10 = f32x4.add(a10, f32x4.mul(s, w0));
        a11 = f32x4.add(a11, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v2, v2, 0, 0, 0, 0);
        a20 = f32x4.add(a20, f32x4.mul(s, w0));
        a21 = f32x4.add(a21, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v3, v3, 0, 0, 0, 0);
        a30 = f32x4.add(a30, f32x4.mul(s, w0));
        a31 = f32x4.add(a31, f32x4.mul(s, w1));
        w0 = v128.load(p, 32);
        w1 = v128.load(p, 48);
        s = v128.shuffle<f32>(v0, v0, 1, 1, 1, 1);
        a00 = f32x4.add(a00, f32x4.mul(s, w0));
        a01 = f32x4.add(a01, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v1, v1, 1, 1, 1, 1);
        a10 = f32x4.add(a10, f32x4.mul(s, w0));
        a11 = f32x4.add(a11, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v2, v2, 1, 1, 1, 1);
        a20 = f32x4.add(a20, f32x4.mul(s, w0));
        a21 = f32x4.add(a21, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v3, v3, 1, 1, 1, 1);
        a30 = f32x4.add(a30, f32x4.mul(s, w0));
        a31 = f32x4.add(a31, f32x4.mul(s, w1));
        w0 = v128.load(p, 64);
        w1 = v128.load(p, 80);
        s = v128.shuffle<f32>(v0, v0, 2, 2, 2, 2);
        a00 = f32x4.add(a00, f32x4.mul(s, w0));
        a01 = f32x4.add(a01, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v1, v1, 2, 2, 2, 2);
        a10 = f32x4.add(a10, f32x4.mul(s, w0));
        a11 = f32x4.add(a11, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v2, v2, 2, 2, 2, 2);
        a20 = f32x4.add(a20, f32x4.mul(s, w0));
        a21 = f32x4.add(a21, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v3, v3, 2, 2, 2, 2);
        a30 = f32x4.add(a30, f32x4.mul(s, w0));
        a31 = f32x4.add(a31, f32x4.mul(s, w1));
        w0 = v128.load(p, 96);
        w1 = v128.load(p, 112);
        s = v128.shuffle<f32>(v0, v0, 3, 3, 3, 3);
        a00 = f32x4.add(a00, f32x4.mul(s, w0));
        a01 = f32x4.add(a01, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v1, v1, 3, 3, 3, 3);
        a10 = f32x4.add(a10, f32x4.mul(s, w0));
        a11 = f32x4.add(a11, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v2, v2, 3, 3, 3, 3);
        a20 = f32x4.add(a20, f32x4.mul(s, w0));
        a21 = f32x4.add(a21, f32x4.mul(s, w1));
        s = v128.shuffle<f32>(v3, v3, 3, 3, 3, 3);
        a30 = f32x4.add(a30, f32x4.mul(s, w0));
        a31 = f32x4.add(a31, f32x4.mul(s, w1));
        p += 128;
      }
      let o = logits + <usize>r * outBytes + column;
      v128.store(o, f32x4.add(a00, b0));
      v128.store(o, f32x4.add(a01, b1), 16);
      o += outBytes;
      v128.store(o, f32x4.add(a10, b0));
      v128.store(o, f32x4.add(a11, b1), 16);
      o += outBytes;
      v128.store(o, f32x4.add(a20, b0));
      v128.store(o, f32x4.add(a21, b1), 16);
      o += outBytes;
      v128.store(o, f32x4.add(a30, b0));
      v128.store(o, f32x4.add(a31, b1), 16);
    }
  }
}

/**
 * gradient[slab][d][8] += Σ_r x[r][d] · g[r][slab·8 …], summed over r in order.
 * x: [rows][xStride], g: [rows][slabs · 8]; dims a multiple of four.
 */
export function linearGradient(
  x: usize, g: usize, gradient: usize, rows: i32, dims: i32, xStride: i32, slabs: i32,
): void {
  const xBytes = <usize>xStride << 2;
  const gBytes = (<usize>slabs * LANES) << 2;
  for (let slab = 0; slab < slabs; slab++) {
    const slabG = g + <usize>slab * (LANES << 2);
    let out = gradient + <usize>slab * <usize>dims * (LANES << 2);
    for (let d = 0; d < dims; d += 4) {
      let a00 = v128.load(out), a01 = v128.load(out, 16);
      let a10 = v128.load(out, 32), a11 = v128.load(out, 48);
      let a20 = v128.load(out, 64), a21 = v128.load(out, 80);
      let a30 = v128.load(out, 96), a31 = v128.load(out, 112);
      let p = x + (<usize>d << 2);
      let q = slabG;
      for (let r = 0; r < rows; r++) {
        const g0 = v128.load(q);
        const g1 = v128.load(q, 16);
        q += gBytes;
        const v = v128.load(p);
        let s = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
        a00 = f32x4.add(a00, f32x4.mul(s, g0));
        a01 = f32x4.add(a01, f32x4.mul(s, g1));
        s = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
        a10 = f32x4.add(a10, f32x4.mul(s, g0));
        a11 = f32x4.add(a11, f32x4.mul(s, g1));
        s = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
        a20 = f32x4.add(a20, f32x4.mul(s, g0));
        a21 = f32x4.add(a21, f32x4.mul(s, g1));
        s = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
        a30 = f32x4.add(a30, f32x4.mul(s, g0));
        a31 = f32x4.add(a31, f32x4.mul(s, g1));
        p += xBytes;
      }
      v128.store(out, a00); v128.store(out, a01, 16);
      v128.store(out, a10, 32); v128.store(out, a11, 48);
      v128.store(out, a20, 64); v128.store(out, a21, 80);
      v128.store(out, a30, 96); v128.store(out, a31, 112);
      out += 128;
    }
  }
}
