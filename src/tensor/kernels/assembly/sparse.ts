// Rows that are mostly zeros, such as hashed text: only non-zero numbers are stored and processed. Layout, in int32: the number
// of rows, padded to a multiple of four; the start of each row's entries, and the end of the last row's; then the entries,
// dimension << 16 | value at half precision.
//
// Classes are processed four slabs at a time: eight accumulators, or eight gradient vectors of a row, stay in registers during
// the loop over the row's entries.
import { narrow } from "./half";
import { multiplyAdd } from "./linear";

const UP: f32 = 5.192296858534828e33; // 2^112: the distance between the exponent biases of float32 and half

// @ts-ignore: decorator
@inline
function valueOf(entry: u32): f32 {
  return reinterpret<f32>(((entry & 0x8000) << 16) | ((entry & 0x7fff) << 13)) * UP;
}

/** Address of the entries of row `r`; past the last row, the end of all entries. */
// @ts-ignore: decorator
@inline
function startOf(x: usize, r: i32): usize {
  const rows = load<i32>(x);
  const start = load<u32>(x + (<usize>min(r, rows) << 2), 4);
  return x + (<usize>(rows + 2) << 2) + (<usize>start << 2);
}

/** Counts the non-zero numbers among `count` at x. */
export function countNumbers(x: usize, count: i32): i32 {
  let numbers = i32x4.splat(0);
  const end = x + (<usize>count << 2), fours = x + (<usize>(count & ~3) << 2);
  for (; x < fours; x += 16) numbers = i32x4.sub(numbers, f32x4.ne(v128.load(x), f32x4.splat(0)));
  let sum = i32x4.extract_lane(numbers, 0) + i32x4.extract_lane(numbers, 1) + i32x4.extract_lane(numbers, 2) + i32x4.extract_lane(numbers, 3);
  for (; x < end; x += 4) if (f32.load(x) != 0) sum++;
  return sum;
}

/** Writes the non-zero numbers of x, float32 [rows][dims], times `inverse` [dims], to `out`. */
export function encodeSparse(x: usize, inverse: usize, out: usize, rows: i32, dims: i32): void {
  const padded = (rows + 3) & ~3;
  const entries = out + (<usize>(padded + 2) << 2);
  store<i32>(out, padded);
  let count: u32 = 0;
  for (let r = 0; r < padded; r++) {
    store<u32>(out + (<usize>r << 2), count, 4);
    for (let d = 0; r < rows && d < dims; d++, x += 4) {
      const value = f32.load(x);
      if (value == 0) continue;
      const half = i32x4.extract_lane(narrow(f32x4.splat(value * f32.load(inverse + (<usize>d << 2)))), 0);
      if ((half & 0x7fff) == 0) continue;
      store<u32>(entries + (<usize>count << 2), (<u32>d << 16) | (<u32>half & 0xffff));
      count++;
    }
  }
  store<u32>(out + (<usize>padded << 2), count, 4);
}

/** Rows from `start` on as float32 [count][stride]; zero past the last row. */
export function densify(x: usize, out: usize, start: i32, count: i32, stride: i32): void {
  memory.fill(out, 0, (<usize>count * <usize>stride) << 2);
  for (let r = 0; r < count; r++) {
    const row = out + ((<usize>r * <usize>stride) << 2);
    const end = startOf(x, start + r + 1);
    for (let at = startOf(x, start + r); at < end; at += 4) {
      const entry = load<u32>(at);
      f32.store(row + (<usize>(entry >> 16) << 2), valueOf(entry));
    }
  }
}

/** Expands the entries of rows from `start` on into pairs: the byte offset of the dimension's eight weights, and the value. */
export function spreadEntries(x: usize, list: usize, start: i32, count: i32): void {
  const end = startOf(x, start + count);
  for (let at = startOf(x, start); at < end; at += 4, list += 8) {
    const entry = load<u32>(at);
    store<u32>(list, (entry >> 16) << 5);
    f32.store(list, valueOf(entry), 4);
  }
}

/** The same pairs, with squared values. */
export function squareEntries(x: usize, list: usize, start: i32, count: i32): void {
  const end = list + ((startOf(x, start + count) - startOf(x, start)) << 1);
  for (; list < end; list += 8) f32.store(list, f32.load(list, 4) * f32.load(list, 4), 4);
}

/** Bytes of a row's pairs. */
// @ts-ignore: decorator
@inline
function pairBytes(x: usize, row: i32): usize {
  return (startOf(x, row + 1) - startOf(x, row)) << 1;
}

/**
 * out [count][slabs · 8] = x · w + bias, for rows from `start` on, whose pairs are in `list`. The outer loop runs over slabs:
 * four slabs of a thousand dimensions are 128 KiB, which stay in L2 during the inner loop over rows.
 */
export function sparseProducts(
  x: usize, list: usize, w: usize, bias: usize, out: usize, start: i32, count: i32, dims: i32, slabs: i32,
): void {
  const slabBytes = <usize>dims << 5;
  for (let slab = 0; slab < slabs; slab += slab + 4 <= slabs ? 4 : 1) {
    const column = <usize>slab << 5;
    const slabW = w + <usize>slab * slabBytes;
    let entries = list;
    for (let r = 0; r < count; r++) {
      const end = entries + pairBytes(x, start + r);
      const row = out + ((<usize>r * <usize>slabs) << 5) + column;
      if (slab + 4 <= slabs) fourSlabs(entries, end, slabW, slabBytes, bias + column, row);
      else oneSlab(entries, end, slabW, bias + column, row);
      entries = end;
    }
  }
}

// @ts-ignore: decorator
@inline
function fourSlabs(list: usize, end: usize, w: usize, slabBytes: usize, bias: usize, out: usize): void {
  let a0 = v128.load(bias), a1 = v128.load(bias, 16), b0 = v128.load(bias, 32), b1 = v128.load(bias, 48);
  let c0 = v128.load(bias, 64), c1 = v128.load(bias, 80), d0 = v128.load(bias, 96), d1 = v128.load(bias, 112);
  for (; list < end; list += 8) {
    const v = v128.load32_splat(list, 4);
    let at = w + <usize>load<u32>(list);
    a0 = multiplyAdd(a0, v, v128.load(at)); a1 = multiplyAdd(a1, v, v128.load(at, 16));
    at += slabBytes;
    b0 = multiplyAdd(b0, v, v128.load(at)); b1 = multiplyAdd(b1, v, v128.load(at, 16));
    at += slabBytes;
    c0 = multiplyAdd(c0, v, v128.load(at)); c1 = multiplyAdd(c1, v, v128.load(at, 16));
    at += slabBytes;
    d0 = multiplyAdd(d0, v, v128.load(at)); d1 = multiplyAdd(d1, v, v128.load(at, 16));
  }
  v128.store(out, a0); v128.store(out, a1, 16); v128.store(out, b0, 32); v128.store(out, b1, 48);
  v128.store(out, c0, 64); v128.store(out, c1, 80); v128.store(out, d0, 96); v128.store(out, d1, 112);
}

// @ts-ignore: decorator
@inline
function oneSlab(list: usize, end: usize, w: usize, bias: usize, out: usize): void {
  let a0 = v128.load(bias), a1 = v128.load(bias, 16);
  for (; list < end; list += 8) {
    const v = v128.load32_splat(list, 4);
    const at = w + <usize>load<u32>(list);
    a0 = multiplyAdd(a0, v, v128.load(at)); a1 = multiplyAdd(a1, v, v128.load(at, 16));
  }
  v128.store(out, a0); v128.store(out, a1, 16);
}

/** gradient[slab][d][8] += x[r][d] · g[r][slab·8 …] over rows from `start` on, in order. g: [count][slabs · 8]. */
export function sparseGradient(
  x: usize, list: usize, g: usize, gradient: usize, start: i32, count: i32, dims: i32, slabs: i32,
): void {
  const slabBytes = <usize>dims << 5;
  for (let slab = 0; slab < slabs; slab += slab + 4 <= slabs ? 4 : 1) {
    const slabGradient = gradient + <usize>slab * slabBytes;
    let entries = list;
    for (let r = 0; r < count; r++) {
      const end = entries + pairBytes(x, start + r);
      const row = g + ((<usize>r * <usize>slabs + <usize>slab) << 5);
      if (slab + 4 <= slabs) addFourSlabs(entries, end, row, slabGradient, slabBytes);
      else addOneSlab(entries, end, row, slabGradient);
      entries = end;
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, v: v128, low: v128, high: v128): void {
  v128.store(at, multiplyAdd(v128.load(at), v, low));
  v128.store(at, multiplyAdd(v128.load(at, 16), v, high), 16);
}

// @ts-ignore: decorator
@inline
function addFourSlabs(list: usize, end: usize, g: usize, gradient: usize, slabBytes: usize): void {
  const a0 = v128.load(g), a1 = v128.load(g, 16), b0 = v128.load(g, 32), b1 = v128.load(g, 48);
  const c0 = v128.load(g, 64), c1 = v128.load(g, 80), d0 = v128.load(g, 96), d1 = v128.load(g, 112);
  for (; list < end; list += 8) {
    const v = v128.load32_splat(list, 4);
    let at = gradient + <usize>load<u32>(list);
    addTo(at, v, a0, a1);
    at += slabBytes;
    addTo(at, v, b0, b1);
    at += slabBytes;
    addTo(at, v, c0, c1);
    at += slabBytes;
    addTo(at, v, d0, d1);
  }
}

// @ts-ignore: decorator
@inline
function addOneSlab(list: usize, end: usize, g: usize, gradient: usize): void {
  const a0 = v128.load(g), a1 = v128.load(g, 16);
  for (; list < end; list += 8) addTo(gradient + <usize>load<u32>(list), v128.load32_splat(list, 4), a0, a1);
}
