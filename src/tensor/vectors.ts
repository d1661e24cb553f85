// Products and sums of an optimiser's long vectors, several at once and piece by piece in a small memory: twice as fast as a
// loop over one pair of vectors, which evicts the whole cache each time.
import { smallMemory } from "./small-memory.ts";

/** Floats in a piece: long enough that calls and copies cost little, and short enough that some twenty fit. */
const PIECE = 4_096;
const PIECE_BYTES = 4 * PIECE;
/** Vectors processed at once. The rest of the memory holds one more vector and one number for each. */
const MOST_VECTORS = 20;
const OTHER_AT = MOST_VECTORS * PIECE_BYTES;
const NUMBERS_AT = OTHER_AT + PIECE_BYTES;

/** 384 KiB, the size of this layout. */
const memory = smallMemory(6);

/** xᵢ·y for each of `xs`: float64, in an order that depends only on their length. All vectors have the same length. */
export function dots(xs: readonly Float32Array[], y: Float32Array): number[] {
  if (xs.length > MOST_VECTORS) return [...dots(xs.slice(0, MOST_VECTORS), y), ...dots(xs.slice(MOST_VECTORS), y)];
  const { buffer, functions } = memory();
  const sums = new Float64Array(buffer, NUMBERS_AT, xs.length).fill(0);
  for (let at = 0; at < y.length; at += PIECE) {
    const length = putPieces(xs, at);
    putPiece(y, at, OTHER_AT);
    functions.addDots(0, xs.length, PIECE_BYTES, OTHER_AT, length, NUMBERS_AT);
  }
  return [...sums];
}

export const dot = (x: Float32Array, y: Float32Array): number => dots([x], y)[0] as number;

/** Σ factorᵢ·xᵢ in float32, in order. Needs at least one vector; all have the same length. */
export const combination = (xs: readonly Float32Array[], factors: readonly number[]): Float32Array<ArrayBuffer> =>
  combineInto(new Float32Array((xs[0] as Float32Array).length), xs, factors);

/** Writes Σ factorᵢ·xᵢ to `out` and returns it. `out` may be one of the vectors: a large head has no memory for another one. */
export function combineInto<Out extends Float32Array>(
  out: Out,
  xs: readonly Float32Array[],
  factors: readonly number[],
): Out {
  if (xs.length > MOST_VECTORS) {
    const sum = combination(xs.slice(0, MOST_VECTORS), factors.slice(0, MOST_VECTORS));
    return combineInto(out, [sum, ...xs.slice(MOST_VECTORS)], [1, ...factors.slice(MOST_VECTORS)]);
  }
  const { buffer, floats, functions } = memory();
  new Float32Array(buffer, NUMBERS_AT, factors.length).set(factors);
  for (let at = 0; at < out.length; at += PIECE) {
    const length = putPieces(xs, at);
    functions.combine(0, xs.length, PIECE_BYTES, NUMBERS_AT, length);
    out.set(floats.subarray(0, Math.min(PIECE, out.length - at)), at);
  }
  return out;
}

/** Copies a piece of each vector to its place in the memory. Returns its length, padded to a multiple of four. */
function putPieces(xs: readonly Float32Array[], at: number): number {
  let length = 0;
  xs.forEach((x, i) => {
    length = putPiece(x, at, i * PIECE_BYTES);
  });
  return length;
}

function putPiece(x: Float32Array, from: number, to: number): number {
  const { floats } = memory();
  const piece = x.subarray(from, from + PIECE);
  const padded = (piece.length + 3) & ~3;
  floats.fill(0, to / 4 + padded - 4, to / 4 + padded).set(piece, to / 4);
  return padded;
}
