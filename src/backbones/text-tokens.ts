// The tokens of a text, and what each adds to its vector: read once, and remembered.
import { LIMITS } from "../core/limits.ts";
import { gramsOf, hashPrefix, placesOf } from "./feature-hashing.ts";
import { findKey, type WordTable } from "./word-table.ts";

/** And its prefix's. */
const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 0.4;
// A run without spaces holds many words, so its own hash and prefix say little and its n-grams stand in.
const UNSPACED_GRAM_WEIGHT = 1;
const SYMBOL_WEIGHT = 0.3;
// It has no prefix, whose share it takes.
const SYMBOL_SHARE = 2 * WORD_WEIGHT * SYMBOL_WEIGHT;

const PREFIX_LENGTH = 3;
// English suffixes seldom pass three letters, and a stem under four is ambiguous.
const SUFFIX_MAX = 3;
const STEM_MIN = 4;

const FNV_BASIS = 0x811c9dc5;
const PREFIX_SEED = 0x01234567;

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

export function tokenise(text: string): readonly string[] {
  if (ASCII.test(text)) return text.toLowerCase().replaceAll("'", "").match(ASCII_TOKEN) ?? [text];
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(ACCENTS, "");
  return folded.normalize("NFC").replace(APOSTROPHES, "").match(TOKEN) ?? (text.length > 0 ? [text] : []);
}

/** What a token adds, whatever text it stands in. */
export interface Token {
  readonly hash: number;
  /** In pairs. */
  readonly weight: number;
  /** In the table; -1 where it is not. */
  readonly row: number;
  /** Of the token as a whole. */
  readonly whole: Uint16Array;
  readonly wholeWeight: number;
  readonly grams: Uint16Array;
  readonly gramWeight: number;
}

const NOWHERE = new Uint16Array(0);

/** The row of a word or of its longest listed stem; -1 where there is none. */
function findRow(table: WordTable, word: string): number {
  const shortest = Math.min(word.length, Math.max(STEM_MIN, word.length - SUFFIX_MAX));
  for (let length = word.length; length >= shortest; length--) {
    const row = findKey(table.keys, hashPrefix(word, length, FNV_BASIS) >>> 8);
    if (row >= 0) return row;
  }
  return -1;
}

function readUnspaced(text: string): Token {
  const grams = placesOf(gramsOf(text, [1, 3]));
  const places = { whole: NOWHERE, wholeWeight: 0, grams, gramWeight: UNSPACED_GRAM_WEIGHT };
  return { hash: hashPrefix(text, text.length, FNV_BASIS), weight: 1, row: -1, ...places };
}

function readSymbol(text: string): Token {
  const hash = hashPrefix(text, text.length, FNV_BASIS);
  const places = { whole: placesOf([hash]), wholeWeight: SYMBOL_SHARE, grams: NOWHERE, gramWeight: 0 };
  return { hash, weight: SYMBOL_WEIGHT, row: -1, ...places };
}

// The square root softens the rarity: a head can still learn that a common word matters.
function readWord(table: WordTable, text: string): Token {
  const hash = hashPrefix(text, text.length, FNV_BASIS);
  const prefix = hashPrefix(text, Math.min(PREFIX_LENGTH, text.length), PREFIX_SEED);
  const row = findRow(table, text);
  const weight = row < 0 ? 1 : Math.sqrt(table.rarities[row] ?? 1);
  const whole = placesOf([hash, prefix]);
  const grams = placesOf(gramsOf(text, [2, 4]));
  return { hash, weight, row, whole, wholeWeight: WORD_WEIGHT * weight, grams, gramWeight: GRAM_WEIGHT * weight };
}

function readToken(table: WordTable, text: string): Token {
  if (UNSPACED.test(text)) return readUnspaced(text);
  return LETTER_OR_NUMBER.test(text) ? readWord(table, text) : readSymbol(text);
}

/** Tokens of texts before: few are said often, and to read one takes ten times as long as to add it. */
const read = new Map<string, Token>();

export function tokenOf(table: WordTable, text: string): Token {
  const known = read.get(text);
  if (known) return known;
  const token = readToken(table, text);
  if (text.length > LIMITS.rememberedTokenChars) return token;
  if (read.size >= LIMITS.tokensRemembered) read.clear();
  read.set(text, token);
  return token;
}
