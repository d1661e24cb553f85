// The tokens of a text, and what each counts for in its vector.
import { LIMITS } from "../core/limits.ts";
import { withoutIgnorables } from "./ignorable.ts";
import { MOST_UNITS_OF_ONE, prefixHashes, type Weighed } from "./text-memory.ts";
import { codeOf, findKey, type WordTable, wordTable } from "./word-table.ts";

/** And its prefix's. */
const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 0.4;
// A run without spaces holds many words, so its own hash and prefix say little and its n-grams stand in.
const UNSPACED_GRAM_WEIGHT = 1;
const SYMBOL_WEIGHT = 0.3;
// It has no prefix, whose share it takes.
const SYMBOL_SHARE = 2 * WORD_WEIGHT * SYMBOL_WEIGHT;

// English suffixes seldom pass three letters, and a stem under four is ambiguous.
const SUFFIX_MAX = 3;
const STEM_MIN = 4;

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

const asciiTokens = (text: string): readonly string[] =>
  text.toLowerCase().replaceAll("'", "").match(ASCII_TOKEN) ?? [text];

/** A text as its tokens are looked for: compatible characters, case, accents and apostrophes folded. */
function fold(text: string): string {
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(ACCENTS, "");
  return folded.normalize("NFC").replace(APOSTROPHES, "");
}

/** What NFKC makes combining marks of: marks, and the halfwidth voice marks of Katakana. */
const MARKS = /[\p{M}\uff9e\uff9f]+/gu;

/** NFKC sorts marks in a row in time that grows by the square of their number: those beyond a limit are left out. */
function withFewMarks(text: string): string {
  const most = LIMITS.marksInARow;
  return text.length <= most ? text : text.replace(MARKS, (run) => run.slice(0, most));
}

/** The tokens of a text, and how many characters were read to find them. */
export interface Tokens {
  readonly tokens: readonly string[];
  readonly chars: number;
}

export type Tokenise = (text: string) => Tokens;

export function tokenise(text: string): Tokens {
  if (ASCII.test(text)) return { tokens: asciiTokens(text), chars: text.length };
  const folded = fold(readablePart(withFewMarks(withoutIgnorables(text))));
  return { tokens: folded.match(TOKEN) ?? [text], chars: text.length + folded.length };
}

/** As the revision before read a text: invisible characters part words and are tokens of their own. */
export function tokeniseRevision3(text: string): Tokens {
  if (ASCII.test(text)) return { tokens: asciiTokens(text), chars: text.length };
  const folded = fold(readablePart(withFewMarks(text)));
  return { tokens: folded.match(TOKEN) ?? [text], chars: text.length + folded.length };
}

const SLICE_CHARS = 1_000;

/** The text up to where NFKC makes more of it than is read. */
function readablePart(text: string): string {
  if (MOST_UNITS_OF_ONE * text.length <= LIMITS.expandedTextChars) return text;
  let expanded = 0;
  for (let from = 0; from < text.length; from += SLICE_CHARS) {
    expanded += text.slice(from, from + SLICE_CHARS).normalize("NFKC").length;
    if (expanded > LIMITS.expandedTextChars) return text.slice(0, from).toWellFormed();
  }
  return text;
}

/** The row of a word or of its longest listed stem; -1 where there is none. */
function findRow({ keys }: WordTable, word: string): number {
  const shortest = Math.min(word.length, Math.max(STEM_MIN, word.length - SUFFIX_MAX));
  for (const hash of prefixHashes(word, shortest).reverse()) {
    const row = findKey(keys, hash >>> 8);
    if (row >= 0) return row;
  }
  return -1;
}

// The square root softens the rarity: a head can still learn that a common word matters.
function weighWord(text: string): Weighed {
  const table = wordTable();
  const row = findRow(table, text);
  const code = row < 0 ? null : codeOf(table, row);
  const weight = code === null ? 1 : Math.sqrt(code.rarity);
  return { kind: "word", weight, ownWeight: WORD_WEIGHT * weight, gramWeight: GRAM_WEIGHT * weight, code };
}

const UNSPACED_TOKEN: Weighed = {
  kind: "unspaced",
  weight: 1,
  ownWeight: 0,
  gramWeight: UNSPACED_GRAM_WEIGHT,
  code: null,
};
const SYMBOL: Weighed = { kind: "symbol", weight: SYMBOL_WEIGHT, ownWeight: SYMBOL_SHARE, gramWeight: 0, code: null };

/** What a token counts for, whatever text it stands in. */
export function weigh(text: string): Weighed {
  if (UNSPACED.test(text)) return UNSPACED_TOKEN;
  return LETTER_OR_NUMBER.test(text) ? weighWord(text) : SYMBOL;
}
