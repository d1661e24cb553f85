// Rows of features as the kernels go over them: a few at a time, as float32, whichever precision they are kept in.
import { decodeHalf } from "./half";

/** Rows taken together: 64 rows of 1,024 floats are 256 KiB, which stay in L2. */
export const ROWS_AT_A_TIME: i32 = 64;

/** Where rows from `start` on lie as float32 [rows][stride]: in place, or widened into `scratch`. */
// @ts-ignore: decorator
@inline
export function rowsAt(x: usize, half: bool, scratch: usize, start: i32, rows: i32, dims: i32, stride: i32): usize {
  if (!half) return x + ((<usize>start * <usize>stride) << 2);
  decodeHalf(x + ((<usize>start * <usize>dims) << 1), scratch, rows, dims, stride);
  return scratch;
}

/** sums[k] += Σ_r g[r][k], eight columns a slab; rows are `rowBytes` apart. */
export function addColumns(g: usize, sums: usize, rows: i32, slabs: i32, rowBytes: usize): void {
  const end = <usize>slabs << 5;
  for (let column: usize = 0; column < end; column += 16) {
    let sum = v128.load(sums + column);
    for (let r = 0; r < rows; r++) sum = f32x4.add(sum, v128.load(g + <usize>r * rowBytes + column));
    v128.store(sums + column, sum);
  }
}
