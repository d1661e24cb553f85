// TypeScript view of the text kernels: they take addresses in a memory that the caller owns. They keep the last tokens of the
// current text as global state, so only one text is processed at a time.

/** Token kinds by their number in the kernels. Word: letters and digits. Unspaced: a script without spaces. Symbol: neither. */
export const TOKEN_KINDS = { word: 0, unspaced: 1, symbol: 2 } as const;
export type TokenKind = keyof typeof TOKEN_KINDS;

/** Byte offsets of the fields that the caller writes: float64, except the code's 64 signs in eight bytes. */
export const TOKEN_FIELDS = { pairWeight: 0, ownWeight: 8, gramWeight: 16, codeWeight: 24, code: 32 } as const;
const PLACES_AT = 48;
/** Bytes of a hash's four places. */
const BYTES_A_HASH = 8;
/** Hashes of the token itself and of its prefix. */
const WHOLES = 2;
/** Number of n-grams: three sizes, from each character and from the boundaries before and after. */
const grams = (chars: number): number => 3 * (chars + 2);

/** Bytes of a token of at most `chars` characters, a multiple of eight. */
export const tokenBytes = (chars: number): number => PLACES_AT + BYTES_A_HASH * (WHOLES + grams(chars));

/** Dimensions of a text vector: float64 during summation, then float32. */
export const TEXT_DIMENSION = 1024;

/** Exports of .build/kernels/head.wasm for it. chars: address of 16-bit characters. */
export interface HashingFunctions {
  readonly TEXT_DIMENSIONS: WebAssembly.Global;
  /** The first dimensions, which hold hashes; codes have the rest. */
  readonly HASHED_DIMENSIONS: WebAssembly.Global;
  hashPrefix(chars: number, length: number): number;
  readToken(token: number, chars: number, length: number, kind: number): void;
  beginText(sums: number): void;
  addToken(sums: number, token: number): void;
  /** Adds a token that is stored without its n-grams, in as many bytes as a token of one character. */
  addLongToken(sums: number, token: number, chars: number, length: number, kind: number): void;
  writeUnit(sums: number, out: number): void;
}
