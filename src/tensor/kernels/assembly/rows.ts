// Gives kernels feature rows as float32, a few at a time, from any storage form.
import { decodeIntegers, integerRowBytes } from "./integers";
import { densify } from "./sparse";

/** Storage forms: float32 [rows][stride], integers.ts, sparse.ts. */
export const SINGLE: i32 = 0;
export const INTEGERS: i32 = 1;
export const SPARSE: i32 = 2;

/** Rows processed together: 64 rows of 1,024 floats are 256 KiB, which stay in L2. */
export const ROWS_AT_A_TIME: i32 = 64;

/** Address of `count` rows from `start` on as float32 [count][stride]: in place, or widened into `scratch`. */
// @ts-ignore: decorator
@inline
export function rowsAt(x: usize, form: i32, scratch: usize, start: i32, count: i32, dims: i32, stride: i32): usize {
  if (form == SINGLE) return x + ((<usize>start * <usize>stride) << 2);
  if (form == SPARSE) densify(x, scratch, start, count, stride);
  else decodeIntegers(x + <usize>start * integerRowBytes(dims), scratch, count, dims, stride);
  return scratch;
}

/** As `rowsAt`, with zero rows up to a multiple of four: memory past the last row of `x` may hold anything, including NaN. */
// @ts-ignore: decorator
@inline
export function paddedRowsAt(x: usize, form: i32, scratch: usize, start: i32, count: i32, dims: i32, stride: i32): usize {
  const rows = rowsAt(x, form, scratch, start, count, dims, stride);
  const rowBytes = <usize>stride << 2;
  if (form != SINGLE) memory.fill(rows + <usize>count * rowBytes, 0, <usize>(((count + 3) & ~3) - count) * rowBytes);
  return rows;
}

/** sums[k] += Σ_r g[r][k], eight columns per slab; rows are `rowBytes` apart. */
export function addColumns(g: usize, sums: usize, rows: i32, slabs: i32, rowBytes: usize): void {
  const end = <usize>slabs << 5;
  for (let column: usize = 0; column < end; column += 16) {
    let sum = v128.load(sums + column);
    for (let r = 0; r < rows; r++) sum = f32x4.add(sum, v128.load(g + <usize>r * rowBytes + column));
    v128.store(sums + column, sum);
  }
}
