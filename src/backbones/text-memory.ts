// The WASM memory that sums the tokens of a text, and a cache of hashed tokens in it: few tokens are frequent, and hashing one
// takes ten times as long as adding it.
import { LIMITS } from "../core/limits.ts";
import { TEXT_DIMENSION, TOKEN_FIELDS, TOKEN_KINDS, type TokenKind, tokenBytes } from "../tensor/kernels/hashing.ts";
import { smallMemory } from "../tensor/small-memory.ts";

/** The kind and the weights of a token. */
export interface Weighed {
  readonly kind: TokenKind;
  /** Weight in word pairs. */
  readonly weight: number;
  /** Weight of the token itself and of its prefix. */
  readonly ownWeight: number;
  /** Weight of its character n-grams. */
  readonly gramWeight: number;
  /** Code and rarity of its word; null if the word table does not have it. */
  readonly code: { readonly rarity: number; readonly signs: Uint8Array } | null;
}

/** Most code units that NFKC makes from a single one (U+FDFA). */
export const MOST_UNITS_OF_ONE = 18;
/** The longest token of a text. */
const MOST_CHARS = MOST_UNITS_OF_ONE * LIMITS.textChars;

const BYTES_A_TOKEN = tokenBytes(LIMITS.rememberedTokenChars);
const UNIT_AT = 8 * TEXT_DIMENSION;
const LONG_TOKEN_AT = UNIT_AT + 4 * TEXT_DIMENSION;
const TOKENS_AT = LONG_TOKEN_AT + BYTES_A_TOKEN;
const CHARS_AT = TOKENS_AT + LIMITS.tokensRemembered * BYTES_A_TOKEN;

const memory = smallMemory(Math.ceil((CHARS_AT + 2 * MOST_CHARS) / 65_536));

/** Addresses of cached tokens. */
const tokenAt = new Map<string, number>();

export const beginText = (): void => memory().functions.beginText(0);

/** Adds a token to the current text. Computes its weights if the cache does not have it. */
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

/** Caches a token and returns its address. Clears a full cache: cached tokens were already added to their texts. */
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

/** The hashes of all prefixes of a token, from `shortest` characters up to the whole token. */
export function prefixHashes(text: string, shortest: number): number[] {
  putChars(text);
  const { functions } = memory();
  return Array.from({ length: text.length - shortest + 1 }, (_, i) => functions.hashPrefix(CHARS_AT, shortest + i));
}

let unit: Float32Array | undefined;

/** Writes the unit vector of the current text to `rows` from index `at` on. */
export function writeUnit(rows: Float32Array, at: number): void {
  const { buffer, functions } = memory();
  functions.writeUnit(0, UNIT_AT);
  unit ??= new Float32Array(buffer, UNIT_AT, TEXT_DIMENSION);
  rows.set(unit, at);
}
