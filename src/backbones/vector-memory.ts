// The memory in which vectors are read out of JSON as it came: without the text and the numbers that a parser makes of them,
// which takes a prediction as long as all else that it does here.
import { LIMITS } from "../core/limits.ts";
import { smallMemory } from "../tensor/small-memory.ts";

/** As JavaScript and Python write a float64, and a little space. */
const MOST_CHARS_A_NUMBER = 32;
const MOST_CHARS = MOST_CHARS_A_NUMBER * LIMITS.dimensions;
/** Floats before those of the vector: the text, and what is looked at past its end. */
const NUMBERS_AT = MOST_CHARS / 4 + 16;

const memory = smallMemory(Math.ceil((4 * (NUMBERS_AT + LIMITS.dimensions)) / 65_536));
const CLOSE = "]".charCodeAt(0);

export interface ReadVector {
  readonly vector: Float32Array;
  /** Behind its "]". */
  readonly end: number;
}

/**
 * The vector whose "[" is before `from` in `json`, as `new Float32Array(JSON.parse(…))` makes it, to the bit; null where a
 * parser has to look: it is no array of numbers, or no plain one.
 */
export function readVector(json: Uint8Array, from: number): ReadVector | null {
  const close = json.indexOf(CLOSE, from);
  const chars = close - from;
  if (close < 0 || chars > MOST_CHARS) return null;
  const { bytes, floats, functions } = memory();
  bytes.set(json.subarray(from, close + 1));
  const count = functions.readNumbers(0, chars, 4 * NUMBERS_AT, LIMITS.dimensions);
  return count < 0 ? null : { vector: floats.slice(NUMBERS_AT, NUMBERS_AT + count), end: close + 1 };
}
