// The memory in which texts are summed up, and where the tokens are that were read before: few are said often, and to read one
// takes ten times as long as to add it.
import { LIMITS } from "../core/limits.ts";
import { TEXT_DIMENSION, TOKEN_FIELDS, TOKEN_KINDS, type TokenKind, tokenBytes } from "../tensor/kernels/hashing.ts";
import { smallMemory } from "../tensor/small-memory.ts";

/** What a token adds beside its characters. */
export interface Weighed {
  readonly kind: TokenKind;
  /** In pairs. */
  readonly weight: number;
  /** Of itself and its prefix. */
  readonly ownWeight: number;
  readonly gramWeight: number;
  /** The code of its word, and the word's rarity; null where it is not listed. */
  readonly code: { readonly rarity: number; readonly signs: Uint8Array } | null;
}

/** Code units that NFKC makes of one, at most: of U+FDFA. */
export const MOST_UNITS_OF_ONE = 18;
/** The longest token of a text. */
const MOST_CHARS = MOST_UNITS_OF_ONE * LIMITS.textChars;

const BYTES_A_TOKEN = tokenBytes(LIMITS.rememberedTokenChars);
const UNIT_AT = 8 * TEXT_DIMENSION;
const LONG_TOKEN_AT = UNIT_AT + 4 * TEXT_DIMENSION;
const TOKENS_AT = LONG_TOKEN_AT + BYTES_A_TOKEN;
const CHARS_AT = TOKENS_AT + LIMITS.tokensRemembered * BYTES_A_TOKEN;

const memory = smallMemory(Math.ceil((CHARS_AT + 2 * MOST_CHARS) / 65_536));

/** Where tokens lie that were read before. */
const tokenAt = new Map<string, number>();

export const beginText = (): void => memory().functions.beginText(0);

/** Adds a token of the text begun; one that is new is weighed. */
export function addToken(text: string, weigh: (text: string) => Weighed): void {
  const known = tokenAt.get(text);
  if (known !== undefined) memory().functions.addToken(0, known);
  else addNew(text, weigh(text));
}

function addNew(text: string, weighed: Weighed): void {
  putChars(text);
  if (text.length <= LIMITS.rememberedTokenChars) memory().functions.addToken(0, remembered(text, weighed));
  else addLong(text, weighed);
}

function addLong(text: string, weighed: Weighed): void {
  putToken(LONG_TOKEN_AT, weighed);
  memory().functions.addLongToken(0, LONG_TOKEN_AT, CHARS_AT, text.length, TOKEN_KINDS[weighed.kind]);
}

/** Where a token lies that is read now. Nobody needs those that it may take the place of: they were added. */
function remembered(text: string, weighed: Weighed): number {
  if (tokenAt.size >= LIMITS.tokensRemembered) tokenAt.clear();
  const at = TOKENS_AT + tokenAt.size * BYTES_A_TOKEN;
  putToken(at, weighed);
  memory().functions.readToken(at, CHARS_AT, text.length, TOKEN_KINDS[weighed.kind]);
  tokenAt.set(text, at);
  return at;
}

function putChars(text: string): void {
  const chars = new Uint16Array(memory().buffer, CHARS_AT, text.length);
  for (let i = 0; i < text.length; i++) chars[i] = text.charCodeAt(i);
}

function putToken(at: number, { weight, ownWeight, gramWeight, code }: Weighed): void {
  const token = new DataView(memory().buffer, at);
  token.setFloat64(TOKEN_FIELDS.pairWeight, weight, true);
  token.setFloat64(TOKEN_FIELDS.ownWeight, ownWeight, true);
  token.setFloat64(TOKEN_FIELDS.gramWeight, gramWeight, true);
  token.setFloat64(TOKEN_FIELDS.codeWeight, code?.rarity ?? 0, true);
  code?.signs.forEach((byte, i) => {
    token.setUint8(TOKEN_FIELDS.code + i, byte);
  });
}

/** The hashes of the first `shortest` characters of a token, and of one more, and so on to all of them. */
export function prefixHashes(text: string, shortest: number): number[] {
  putChars(text);
  const { functions } = memory();
  return Array.from({ length: text.length - shortest + 1 }, (_, i) => functions.hashPrefix(CHARS_AT, shortest + i));
}

let unit: Float32Array | undefined;

/** Writes the vector of the text to `rows` from `at` on. */
export function writeUnit(rows: Float32Array, at: number): void {
  const { buffer, functions } = memory();
  functions.writeUnit(0, UNIT_AT);
  unit ??= new Float32Array(buffer, UNIT_AT, TEXT_DIMENSION);
  rows.set(unit, at);
}
