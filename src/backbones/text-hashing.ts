// Owns the text backbone: signed feature hashing of words, prefixes, word pairs and character n-grams into
// 960 dimensions, and a rarity-weighted sum of frozen English word codes in the last 64. Nothing is learned
// from a user's rows, so the same text gives the same vector in every deployment.
import { CODE_BYTES, findKey, WORD_CODE_BITS, type WordTable, wordTable } from "./word-table.ts";

export const TEXT_DIMENSION = 1024;
export const TEXT_REVISION = "text-hashing-3";

const HASHED_DIMENSION = TEXT_DIMENSION - WORD_CODE_BITS;

const WORD_WEIGHT = 1;
const PREFIX_WEIGHT = 1;
const PAIR_WEIGHT = 0.3;
const SKIP_WEIGHT = 0.2;
const GRAM_WEIGHT = 0.4;
// A run without spaces holds many words, so its own hash and prefix say little and its n-grams stand in.
const UNSPACED_GRAM_WEIGHT = 1;
const SYMBOL_WEIGHT = 0.3;
// The codes are 1 bit a dimension and cover one language, so they get the smaller share of the length.
const CODE_SHARE = 0.5;

const PREFIX_LENGTH = 3;
// English suffixes seldom pass three letters, and a stem under four is ambiguous.
const SUFFIX_MAX = 3;
const STEM_MIN = 4;
// Several buckets a feature make one bad collision cost a fraction of it.
const PROBES = 4;

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;
const PREFIX_SEED = 0x01234567;
const GRAM_SEED = 0x9747b28c;
const PROBE_STEP = 0x9e3779b9;
const BOUNDARY = 32;

const UNSPACED_SCRIPTS = "\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}";
const TOKEN = new RegExp(`(?:(?![${UNSPACED_SCRIPTS}])[\\p{L}\\p{N}]\\p{M}*)+|[${UNSPACED_SCRIPTS}]+|[^\\s]`, "gu");
const UNSPACED = new RegExp(`^[${UNSPACED_SCRIPTS}]`, "u");
const LETTER_OR_NUMBER = /^[\p{L}\p{N}]/u;
// Only these marks are accents; the marks of Indic and Semitic scripts carry vowels.
const ACCENTS = /[\u0300-\u036f]/g;
const APOSTROPHES = /['\u2019]/g;

// The same tokens without what only other scripts need, in a fraction of the time.
const ASCII = /^[\0-\x7f]+$/;
const ASCII_TOKEN = /[a-z0-9]+|\S/g;

interface Accumulator {
  readonly sums: Float64Array;
  readonly table: WordTable;
}

interface Token {
  readonly hash: number;
  readonly weight: number;
}

/** Murmur3's finaliser: spreads every input bit over the bucket and the sign. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function hashPrefix(text: string, length: number, seed: number): number {
  let h = seed;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return mix(h);
}

function hashPair(first: number, second: number, factor: number): number {
  return mix((Math.imul(first, factor) + second) | 0);
}

function addFeature(sums: Float64Array, hash: number, weight: number): void {
  let h = hash;
  for (let probe = 0; probe < PROBES; probe++) {
    h = mix((h + PROBE_STEP) | 0);
    const bucket = (h >>> 8) % HASHED_DIMENSION;
    sums[bucket] = (sums[bucket] as number) + weight * (1 - 2 * (h & 1)); // no branch: a sign is drawn, and half of all guesses fail
  }
}

function addGrams(sums: Float64Array, word: string, sizes: readonly [number, number], weight: number): void {
  const [smallest, largest] = sizes;
  for (let start = -1; start <= word.length; start++) {
    const longest = Math.min(largest, word.length + 1 - start);
    let h = GRAM_SEED;
    for (let size = 1; size <= longest; size++) {
      const at = start + size - 1;
      h = Math.imul(h ^ (at < 0 || at >= word.length ? BOUNDARY : word.charCodeAt(at)), FNV_PRIME);
      if (size >= smallest) addFeature(sums, mix(h ^ size), weight);
    }
  }
}

function addCode(sums: Float64Array, table: WordTable, row: number): void {
  const rarity = table.rarities[row] ?? 0;
  for (let bit = 0; bit < WORD_CODE_BITS; bit++) {
    const byte = table.signs[row * CODE_BYTES + (bit >>> 3)] ?? 0;
    const at = HASHED_DIMENSION + bit;
    sums[at] = (sums[at] as number) + rarity * (2 * ((byte >>> (bit & 7)) & 1) - 1);
  }
}

/** The row of a word or of its longest listed stem; -1 where there is none. */
function findRow(table: WordTable, word: string): number {
  const shortest = Math.min(word.length, Math.max(STEM_MIN, word.length - SUFFIX_MAX));
  for (let length = word.length; length >= shortest; length--) {
    const row = findKey(table.keys, hashPrefix(word, length, FNV_BASIS) >>> 8);
    if (row >= 0) return row;
  }
  return -1;
}

// The square root softens the rarity: a head can still learn that a common word matters.
function addWord(into: Accumulator, word: string): Token {
  const hash = hashPrefix(word, word.length, FNV_BASIS);
  const row = findRow(into.table, word);
  const weight = row < 0 ? 1 : Math.sqrt(into.table.rarities[row] ?? 1);
  if (row >= 0) addCode(into.sums, into.table, row);
  addFeature(into.sums, hash, WORD_WEIGHT * weight);
  const prefix = hashPrefix(word, Math.min(PREFIX_LENGTH, word.length), PREFIX_SEED);
  addFeature(into.sums, prefix, PREFIX_WEIGHT * weight);
  addGrams(into.sums, word, [2, 4], GRAM_WEIGHT * weight);
  return { hash, weight };
}

function addToken(into: Accumulator, token: string): Token {
  if (UNSPACED.test(token)) {
    addGrams(into.sums, token, [1, 3], UNSPACED_GRAM_WEIGHT);
    return { hash: hashPrefix(token, token.length, FNV_BASIS), weight: 1 };
  }
  if (LETTER_OR_NUMBER.test(token)) return addWord(into, token);
  const hash = hashPrefix(token, token.length, FNV_BASIS);
  addFeature(into.sums, hash, (WORD_WEIGHT + PREFIX_WEIGHT) * SYMBOL_WEIGHT);
  return { hash, weight: SYMBOL_WEIGHT };
}

function addTokens(into: Accumulator, tokens: readonly string[]): void {
  let last: Token | undefined;
  let beforeLast: Token | undefined;
  for (const text of tokens) {
    const token = addToken(into, text);
    if (last !== undefined) {
      const weight = PAIR_WEIGHT * Math.sqrt(last.weight * token.weight);
      addFeature(into.sums, hashPair(last.hash, token.hash, 31), weight);
    }
    if (beforeLast !== undefined) {
      const weight = SKIP_WEIGHT * Math.sqrt(beforeLast.weight * token.weight);
      addFeature(into.sums, hashPair(beforeLast.hash, token.hash, 131), weight);
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

function toUnit(sums: Float64Array): Float32Array {
  const hashed = norm(sums, 0, HASHED_DIMENSION);
  const coded = norm(sums, HASHED_DIMENSION, TEXT_DIMENSION);
  const share = coded > 0 ? CODE_SHARE : 0;
  const hashedScale = hashed > 0 ? Math.sqrt(1 - share * share) / hashed : 0;
  const codedScale = coded > 0 ? share / coded : 0;
  const unit = new Float32Array(TEXT_DIMENSION);
  for (let i = 0; i < HASHED_DIMENSION; i++) unit[i] = (sums[i] as number) * hashedScale;
  for (let i = HASHED_DIMENSION; i < TEXT_DIMENSION; i++) unit[i] = (sums[i] as number) * codedScale;
  return unit;
}

function tokenise(text: string): readonly string[] {
  if (ASCII.test(text)) return text.toLowerCase().replaceAll("'", "").match(ASCII_TOKEN) ?? [text];
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(ACCENTS, "");
  return folded.normalize("NFC").replace(APOSTROPHES, "").match(TOKEN) ?? (text.length > 0 ? [text] : []);
}

/** Where every text is summed up, one after another. */
const room = new Float64Array(TEXT_DIMENSION);

/** A text without tokens is hashed whole; only the empty string gives the zero vector. */
export function embedText(text: string): Float32Array {
  room.fill(0);
  addTokens({ sums: room, table: wordTable() }, tokenise(text));
  return toUnit(room);
}
