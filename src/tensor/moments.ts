// Sums over unscaled feature rows, computed a piece of a block at a time in a small memory.
import { smallMemory } from "./small-memory.ts";

/** 512 KiB: the sums of 4,096 dimensions, and 27 rows of the same width. */
const memory = smallMemory(8);

export interface ShiftedSums {
  /** [dims]: sums of x − s, and of its square. s is the first row, which is near the data, so that little precision cancels. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  /** Count of non-zero numbers. */
  readonly numbers: number;
}

/** Sums over the rows of `features` [rows][dims], in order. */
export function shiftedSums(features: Float32Array, dims: number): ShiftedSums {
  const { buffer, floats, functions } = memory();
  const even = (dims + 1) & ~1;
  const [squaresAt, shiftAt, rowsAt] = [2 * even, 4 * even, 5 * even];
  floats.fill(0, 0, shiftAt);
  floats.set(features.subarray(0, dims), shiftAt);
  const most = Math.floor((floats.length - rowsAt) / dims) * dims;
  let numbers = 0;
  for (let at = 0; at < features.length; at += most) {
    const piece = features.subarray(at, at + most);
    floats.set(piece, rowsAt);
    numbers += functions.addMoments(4 * rowsAt, piece.length / dims, dims, 4 * shiftAt, 0, 4 * squaresAt);
  }
  const copy = (from: number): Float64Array => new Float64Array(buffer, 4 * from, dims).slice();
  return { sums: copy(0), squares: copy(squaresAt), numbers };
}
