// Owns the text backbone: signed feature hashing of words, prefixes, word pairs and character n-grams into
// 960 dimensions, and a rarity-weighted sum of frozen English word codes in the last 64. Nothing is learned
// from a user's rows, so the same text gives the same vector in every deployment.
import { addHash, addPlaces, HASHED_DIMENSION, hashPair, TEXT_DIMENSION } from "./feature-hashing.ts";
import { type Token, tokenise, tokenOf } from "./text-tokens.ts";
import { CODE_BYTES, type WordTable, wordTable } from "./word-table.ts";

export { TEXT_DIMENSION };
export const TEXT_REVISION = "text-hashing-3";

const PAIR_WEIGHT = 0.3;
const SKIP_WEIGHT = 0.2;
// The codes are 1 bit a dimension and cover one language, so they get the smaller share of the length.
const CODE_SHARE = 0.5;

interface Accumulator {
  readonly sums: Float64Array;
  readonly table: WordTable;
}

function addCode(sums: Float64Array, { signs, rarities }: WordTable, row: number): void {
  const rarity = rarities[row] as number;
  let at = HASHED_DIMENSION;
  for (let i = row * CODE_BYTES; i < (row + 1) * CODE_BYTES; i++) {
    const byte = signs[i] as number;
    for (let bit = 0; bit < 8; bit++, at++) {
      const sum = sums[at] as number;
      sums[at] = (byte >>> bit) & 1 ? sum + rarity : sum - rarity;
    }
  }
}

function addToken({ sums, table }: Accumulator, token: Token): void {
  if (token.row >= 0) addCode(sums, table, token.row);
  addPlaces(sums, token.whole, token.wholeWeight);
  addPlaces(sums, token.grams, token.gramWeight);
}

function addTokens(into: Accumulator, tokens: readonly string[]): void {
  let last: Token | undefined;
  let beforeLast: Token | undefined;
  for (const text of tokens) {
    const token = tokenOf(into.table, text);
    addToken(into, token);
    if (last !== undefined) {
      const weight = PAIR_WEIGHT * Math.sqrt(last.weight * token.weight);
      addHash(into.sums, hashPair(last.hash, token.hash, 31), weight);
    }
    if (beforeLast !== undefined) {
      const weight = SKIP_WEIGHT * Math.sqrt(beforeLast.weight * token.weight);
      addHash(into.sums, hashPair(beforeLast.hash, token.hash, 131), weight);
    }
    beforeLast = last;
    last = token;
  }
}

/** Of the sums from `from` on, before `to`. */
function norm(sums: Float64Array, from: number, to: number): number {
  let square = 0;
  for (let i = from; i < to; i++) square += (sums[i] as number) * (sums[i] as number);
  return Math.sqrt(square);
}

/** Writes the sums, of length one, to `rows` from `at` on. */
function writeUnit(sums: Float64Array, rows: Float32Array, at: number): void {
  const hashed = norm(sums, 0, HASHED_DIMENSION);
  const coded = norm(sums, HASHED_DIMENSION, TEXT_DIMENSION);
  const share = coded > 0 ? CODE_SHARE : 0;
  const hashedScale = hashed > 0 ? Math.sqrt(1 - share * share) / hashed : 0;
  const codedScale = coded > 0 ? share / coded : 0;
  for (let i = 0; i < HASHED_DIMENSION; i++) rows[at + i] = (sums[i] as number) * hashedScale;
  for (let i = HASHED_DIMENSION; i < TEXT_DIMENSION; i++) rows[at + i] = (sums[i] as number) * codedScale;
}

/** Where every text is summed up, one after another. */
const room = new Float64Array(TEXT_DIMENSION);

/**
 * Writes the vector of a text to `rows` from `at` on. A text without tokens is hashed whole; only the empty string gives the zero
 * vector.
 */
export function embedText(text: string, rows: Float32Array, at: number): void {
  room.fill(0);
  addTokens({ sums: room, table: wordTable() }, tokenise(text));
  writeUnit(room, rows, at);
}
