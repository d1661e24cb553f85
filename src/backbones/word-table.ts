// Reads the frozen table of English words once per isolate, on the first text, so that it does not delay the start.
import { WORD_CODE_BITS, WORD_TABLE, WORD_TABLE_SIZE } from "./text-idf.ts";

const CODE_BYTES = WORD_CODE_BITS / 8;

/** One row per word, in ascending order of keys. */
export interface WordTable {
  readonly keys: Uint32Array;
  readonly rarities: Float64Array;
  readonly signs: Uint8Array;
}

let table: WordTable | undefined;

export function wordTable(): WordTable {
  table ??= readTable();
  return table;
}

function base64Value(code: number): number {
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48) return code + 4;
  return code === 43 ? 62 : 63;
}

// `atob` would first build a string of the same length.
function decodeBase64(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.floor(i / 3) * 4 + (i % 3);
    const shift = 2 * (i % 3) + 2;
    const high = base64Value(text.charCodeAt(at)) << shift;
    bytes[i] = high | (base64Value(text.charCodeAt(at + 1)) >>> (6 - shift));
  }
  return bytes;
}

function readTable(): WordTable {
  const stride = 3 + CODE_BYTES;
  const bytes = decodeBase64(WORD_TABLE, WORD_TABLE_SIZE * stride);
  const keys = new Uint32Array(WORD_TABLE_SIZE);
  const rarities = new Float64Array(WORD_TABLE_SIZE);
  const signs = new Uint8Array(WORD_TABLE_SIZE * CODE_BYTES);
  let key = 0;
  for (let row = 0; row < WORD_TABLE_SIZE; row++) {
    const at = row * stride;
    key += (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    keys[row] = key;
    rarities[row] = (bytes[at + 2] ?? 0) / 255;
    signs.set(bytes.subarray(at + 3, at + stride), row * CODE_BYTES);
  }
  return { keys, rarities, signs };
}

/** The rarity of a row's word, 0 to 1, and the signs of its code. */
export const codeOf = ({ rarities, signs }: WordTable, row: number) => ({
  rarity: rarities[row] as number,
  signs: signs.subarray(row * CODE_BYTES, (row + 1) * CODE_BYTES),
});

/** The row of `key`, or -1. */
export function findKey(keys: Uint32Array, key: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] ?? 0;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
