// Splits a text into tokens, and gives each token its weights in the vector.
import { withoutIgnorables } from "../core/ignorable.ts";
import { LIMITS } from "../core/limits.ts";
import { MOST_UNITS_OF_ONE, prefixHashes, type Weighed } from "./text-memory.ts";
import { codeOf, findKey, type WordTable, wordTable } from "./word-table.ts";

/** Weight of a word and of its prefix. */
const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 0.4;
// A run without spaces holds many words, so its own hash and prefix carry little information; its n-grams get their weight.
const UNSPACED_GRAM_WEIGHT = 1;
const SYMBOL_WEIGHT = 0.3;
// A symbol has no prefix, so it also takes the prefix's share.
const SYMBOL_SHARE = 2 * WORD_WEIGHT * SYMBOL_WEIGHT;

// English suffixes rarely have more than three letters, and a stem under four letters is ambiguous.
const SUFFIX_MAX = 3;
const STEM_MIN = 4;

const UNSPACED_SCRIPTS = "\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}";
const TOKEN = new RegExp(`(?:(?![${UNSPACED_SCRIPTS}])[\\p{L}\\p{N}]\\p{M}*)+|[${UNSPACED_SCRIPTS}]+|[^\\s]`, "gu");
const UNSPACED = new RegExp(`^[${UNSPACED_SCRIPTS}]`, "u");
const LETTER_OR_NUMBER = /^[\p{L}\p{N}]/u;
// Only these marks are accents; the marks of Indic and Semitic scripts carry vowels.
const ACCENTS = /[\u0300-\u036f]/g;
const APOSTROPHES = /['\u2019]/g;

// A faster pattern that gives the same tokens for ASCII texts.
const ASCII = /^[\0-\x7f]+$/;
const ASCII_TOKEN = /[a-z0-9]+|\S/g;

const asciiTokens = (text: string): readonly string[] =>
  text.toLowerCase().replaceAll("'", "").match(ASCII_TOKEN) ?? [text];

/** Folds compatible characters, case, accents and apostrophes. */
function fold(text: string): string {
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(ACCENTS, "");
  return folded.normalize("NFC").replace(APOSTROPHES, "");
}

/** Characters that NFKC turns into combining marks: marks, and the halfwidth voice marks of Katakana. */
const MARKS = /[\p{M}\uff9e\uff9f]+/gu;

/** Limits the number of marks in a row, because NFKC sorts them in quadratic time. */
function withFewMarks(text: string): string {
  const most = LIMITS.marksInARow;
  return text.length <= most ? text : text.replace(MARKS, (run) => run.slice(0, most));
}

/** The tokens of a text, and the number of characters that the tokeniser read. */
export interface Tokens {
  readonly tokens: readonly string[];
  readonly chars: number;
}

export type Tokenise = (text: string) => Tokens;

/** `clean`: what is done first to a text that is not ASCII. */
const tokeniserWith =
  (clean: (text: string) => string): Tokenise =>
  (text) => {
    if (ASCII.test(text)) return { tokens: asciiTokens(text), chars: text.length };
    const folded = fold(readablePart(withFewMarks(clean(text))));
    return { tokens: folded.match(TOKEN) ?? [text], chars: text.length + folded.length };
  };

export const tokenise = tokeniserWith(withoutIgnorables);

/** The tokeniser of revision 3: invisible characters separate words and are tokens of their own. */
export const tokeniseRevision3 = tokeniserWith((text) => text);

const SLICE_CHARS = 1_000;

/** Cuts the text where its NFKC form would exceed `LIMITS.expandedTextChars`. */
function readablePart(text: string): string {
  if (MOST_UNITS_OF_ONE * text.length <= LIMITS.expandedTextChars) return text;
  let expanded = 0;
  for (let from = 0; from < text.length; from += SLICE_CHARS) {
    expanded += text.slice(from, from + SLICE_CHARS).normalize("NFKC").length;
    if (expanded > LIMITS.expandedTextChars) return text.slice(0, from).toWellFormed();
  }
  return text;
}

/** The row of a word or of its longest listed stem; -1 if there is none. */
function findRow({ keys }: WordTable, word: string): number {
  const shortest = Math.min(word.length, Math.max(STEM_MIN, word.length - SUFFIX_MAX));
  for (const hash of prefixHashes(word, shortest).reverse()) {
    const row = findKey(keys, hash >>> 8);
    if (row >= 0) return row;
  }
  return -1;
}

// The square root reduces the effect of rarity, so that a head can still learn that a common word matters.
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

/** The weights of a token. They do not depend on its text. */
export function weigh(text: string): Weighed {
  if (UNSPACED.test(text)) return UNSPACED_TOKEN;
  return LETTER_OR_NUMBER.test(text) ? weighWord(text) : SYMBOL;
}
