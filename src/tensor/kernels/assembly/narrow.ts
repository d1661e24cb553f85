// The products and gradients for a last slab in which at most four of eight outputs are in use: otherwise two labels would cost
// as much as eight, and ten as much as sixteen. Bits do not change: each number is the same sum in the same order.
import { linearGradient, multiplyAdd, products } from "./linear";

/** Largest number of lanes in use for which a slab is narrow: one vector. */
export const NARROW: i32 = 4;

/** Whether the last slab is narrow. */
// @ts-ignore: decorator
@inline
export function isNarrow(outputs: i32): bool {
  return ((outputs - 1) & 7) < NARROW;
}

/** As `rowProducts`, at half the work for a narrow last slab. */
export function outputProducts(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, dims: i32, xStride: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const rowBytes = <usize>slabs << 5;
  const wide = isNarrow(outputs) ? slabs - 1 : slabs;
  products(x, w, bias, out, rows, dims, xStride, wide, rowBytes, 32);
  if (wide == slabs) return;
  const column = <usize>wide << 5;
  narrowProducts(x, w + column * <usize>dims, bias + column, out + column, rows, dims, <usize>xStride << 2, rowBytes);
}

/** Stores four numbers, and zeros in the unused lanes: `addColumns` sums all lanes. */
// @ts-ignore: decorator
@inline
function storeNarrow(at: usize, low: v128): void {
  v128.store(at, low);
  v128.store(at, f32x4.splat(0), 16);
}

function narrowProducts(
  x: usize, w: usize, bias: usize, out: usize, rows: i32, dims: i32, xBytes: usize, rowBytes: usize,
): void {
  let r = 0;
  for (; r + 8 <= rows; r += 8) eightRowsNarrow(x + <usize>r * xBytes, xBytes, w, bias, out + <usize>r * rowBytes, rowBytes, dims);
  for (; r < rows; r += 4) fourRowsNarrow(x + <usize>r * xBytes, xBytes, w, bias, out + <usize>r * rowBytes, rowBytes, dims);
}

/** Eight rows against a narrow slab. */
// @ts-ignore: decorator
@inline
function eightRowsNarrow(x: usize, xBytes: usize, w: usize, bias: usize, out: usize, rowBytes: usize, dims: i32): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const x1 = x + xBytes, x2 = x1 + xBytes, x3 = x2 + xBytes, x4 = x3 + xBytes, x5 = x4 + xBytes, x6 = x5 + xBytes, x7 = x6 + xBytes;
  const end = <usize>dims << 2;
  let w0: v128;
  for (let d: usize = 0; d < end; d += 16) {
    const v0 = v128.load(x + d);
    const v1 = v128.load(x1 + d);
    const v2 = v128.load(x2 + d);
    const v3 = v128.load(x3 + d);
    const v4 = v128.load(x4 + d);
    const v5 = v128.load(x5 + d);
    const v6 = v128.load(x6 + d);
    const v7 = v128.load(x7 + d);
    w0 = v128.load(w, 0);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 0, 0, 0, 0), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 0, 0, 0, 0), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 0, 0, 0, 0), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 0, 0, 0, 0), w0);
    a4 = multiplyAdd(a4, v128.shuffle<f32>(v4, v4, 0, 0, 0, 0), w0);
    a5 = multiplyAdd(a5, v128.shuffle<f32>(v5, v5, 0, 0, 0, 0), w0);
    a6 = multiplyAdd(a6, v128.shuffle<f32>(v6, v6, 0, 0, 0, 0), w0);
    a7 = multiplyAdd(a7, v128.shuffle<f32>(v7, v7, 0, 0, 0, 0), w0);
    w0 = v128.load(w, 32);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 1, 1, 1, 1), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 1, 1, 1, 1), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 1, 1, 1, 1), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 1, 1, 1, 1), w0);
    a4 = multiplyAdd(a4, v128.shuffle<f32>(v4, v4, 1, 1, 1, 1), w0);
    a5 = multiplyAdd(a5, v128.shuffle<f32>(v5, v5, 1, 1, 1, 1), w0);
    a6 = multiplyAdd(a6, v128.shuffle<f32>(v6, v6, 1, 1, 1, 1), w0);
    a7 = multiplyAdd(a7, v128.shuffle<f32>(v7, v7, 1, 1, 1, 1), w0);
    w0 = v128.load(w, 64);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 2, 2, 2, 2), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 2, 2, 2, 2), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 2, 2, 2, 2), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 2, 2, 2, 2), w0);
    a4 = multiplyAdd(a4, v128.shuffle<f32>(v4, v4, 2, 2, 2, 2), w0);
    a5 = multiplyAdd(a5, v128.shuffle<f32>(v5, v5, 2, 2, 2, 2), w0);
    a6 = multiplyAdd(a6, v128.shuffle<f32>(v6, v6, 2, 2, 2, 2), w0);
    a7 = multiplyAdd(a7, v128.shuffle<f32>(v7, v7, 2, 2, 2, 2), w0);
    w0 = v128.load(w, 96);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 3, 3, 3, 3), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 3, 3, 3, 3), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 3, 3, 3, 3), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 3, 3, 3, 3), w0);
    a4 = multiplyAdd(a4, v128.shuffle<f32>(v4, v4, 3, 3, 3, 3), w0);
    a5 = multiplyAdd(a5, v128.shuffle<f32>(v5, v5, 3, 3, 3, 3), w0);
    a6 = multiplyAdd(a6, v128.shuffle<f32>(v6, v6, 3, 3, 3, 3), w0);
    a7 = multiplyAdd(a7, v128.shuffle<f32>(v7, v7, 3, 3, 3, 3), w0);
    w += 128;
  }
  const b = v128.load(bias);
  storeNarrow(out, f32x4.add(a0, b));
  storeNarrow(out + 1 * rowBytes, f32x4.add(a1, b));
  storeNarrow(out + 2 * rowBytes, f32x4.add(a2, b));
  storeNarrow(out + 3 * rowBytes, f32x4.add(a3, b));
  storeNarrow(out + 4 * rowBytes, f32x4.add(a4, b));
  storeNarrow(out + 5 * rowBytes, f32x4.add(a5, b));
  storeNarrow(out + 6 * rowBytes, f32x4.add(a6, b));
  storeNarrow(out + 7 * rowBytes, f32x4.add(a7, b));
}

/** Four rows against a narrow slab. */
// @ts-ignore: decorator
@inline
function fourRowsNarrow(x: usize, xBytes: usize, w: usize, bias: usize, out: usize, rowBytes: usize, dims: i32): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  const x1 = x + xBytes, x2 = x1 + xBytes, x3 = x2 + xBytes;
  const end = <usize>dims << 2;
  let w0: v128;
  for (let d: usize = 0; d < end; d += 16) {
    const v0 = v128.load(x + d);
    const v1 = v128.load(x1 + d);
    const v2 = v128.load(x2 + d);
    const v3 = v128.load(x3 + d);
    w0 = v128.load(w, 0);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 0, 0, 0, 0), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 0, 0, 0, 0), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 0, 0, 0, 0), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 0, 0, 0, 0), w0);
    w0 = v128.load(w, 32);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 1, 1, 1, 1), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 1, 1, 1, 1), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 1, 1, 1, 1), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 1, 1, 1, 1), w0);
    w0 = v128.load(w, 64);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 2, 2, 2, 2), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 2, 2, 2, 2), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 2, 2, 2, 2), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 2, 2, 2, 2), w0);
    w0 = v128.load(w, 96);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v0, v0, 3, 3, 3, 3), w0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v1, v1, 3, 3, 3, 3), w0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v2, v2, 3, 3, 3, 3), w0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v3, v3, 3, 3, 3, 3), w0);
    w += 128;
  }
  const b = v128.load(bias);
  storeNarrow(out, f32x4.add(a0, b));
  storeNarrow(out + 1 * rowBytes, f32x4.add(a1, b));
  storeNarrow(out + 2 * rowBytes, f32x4.add(a2, b));
  storeNarrow(out + 3 * rowBytes, f32x4.add(a3, b));
}

/** As `linearGradient` for gradients [rows][slabs · 8], at half the work for a narrow last slab. */
export function outputGradient(
  x: usize, g: usize, gradient: usize, rows: i32, dims: i32, xStride: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const gBytes = <usize>slabs << 5;
  const wide = isNarrow(outputs) ? slabs - 1 : slabs;
  linearGradient(x, g, gradient, rows, dims, xStride, wide, gBytes, false);
  if (wide == slabs) return;
  const column = <usize>wide << 5;
  const out = gradient + column * <usize>dims;
  for (let d: usize = 0; d < <usize>dims; d += 8) {
    eightDimensionsNarrow(x + (d << 2), <usize>xStride << 2, g + column, gBytes, out + (d << 5), rows);
  }
}

/** Eight dimensions against a narrow slab, over all rows. */
// @ts-ignore: decorator
@inline
function eightDimensionsNarrow(x: usize, xBytes: usize, g: usize, gBytes: usize, out: usize, rows: i32): void {
  let a0 = v128.load(out, 0); let a1 = v128.load(out, 32); let a2 = v128.load(out, 64); let a3 = v128.load(out, 96); let a4 = v128.load(out, 128); let a5 = v128.load(out, 160); let a6 = v128.load(out, 192); let a7 = v128.load(out, 224);
  for (let r = 0; r < rows; r++) {
    const g0 = v128.load(g), v = v128.load(x), u = v128.load(x, 16);
    a0 = multiplyAdd(a0, v128.shuffle<f32>(v, v, 0, 0, 0, 0), g0);
    a1 = multiplyAdd(a1, v128.shuffle<f32>(v, v, 1, 1, 1, 1), g0);
    a2 = multiplyAdd(a2, v128.shuffle<f32>(v, v, 2, 2, 2, 2), g0);
    a3 = multiplyAdd(a3, v128.shuffle<f32>(v, v, 3, 3, 3, 3), g0);
    a4 = multiplyAdd(a4, v128.shuffle<f32>(u, u, 0, 0, 0, 0), g0);
    a5 = multiplyAdd(a5, v128.shuffle<f32>(u, u, 1, 1, 1, 1), g0);
    a6 = multiplyAdd(a6, v128.shuffle<f32>(u, u, 2, 2, 2, 2), g0);
    a7 = multiplyAdd(a7, v128.shuffle<f32>(u, u, 3, 3, 3, 3), g0);
    g += gBytes;
    x += xBytes;
  }
  v128.store(out, a0, 0);
  v128.store(out, a1, 32);
  v128.store(out, a2, 64);
  v128.store(out, a3, 96);
  v128.store(out, a4, 128);
  v128.store(out, a5, 160);
  v128.store(out, a6, 192);
  v128.store(out, a7, 224);
}
