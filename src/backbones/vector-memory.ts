// WASM memory for parsing vectors directly from the bytes of a JSON body. JSON.parse, with its intermediate text and numbers,
// would take a prediction as long as all its other work in the Worker.
import { LIMITS } from "../core/limits.ts";
import { smallMemory } from "../tensor/small-memory.ts";

/** The length of a float64 as JavaScript and Python write it, and some white space. */
const MOST_CHARS_A_NUMBER = 32;
const MOST_CHARS = MOST_CHARS_A_NUMBER * LIMITS.dimensions;
/** Index of the vector's first float: after the text, and the bytes that the kernel reads past its end. */
const NUMBERS_AT = MOST_CHARS / 4 + 16;

const memory = smallMemory(Math.ceil((4 * (NUMBERS_AT + LIMITS.dimensions)) / 65_536));
const CLOSE = "]".charCodeAt(0);

export interface ReadVector {
  readonly vector: Float32Array;
  /** Position after its "]". */
  readonly end: number;
}

/**
 * Parses the vector whose "[" is before `from` in `json`, bit for bit as `new Float32Array(JSON.parse(…))` does. Returns null if
 * it needs a JSON parser: it is not an array of numbers, or too unusual for the fast path.
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
