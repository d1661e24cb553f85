// The kernels that sum texts up, as whoever calls them knows them: addresses in, in a memory of the caller's own. Of the text
// being summed up, they remember the last tokens: one text at a time.

/** As the kernels number them: of letters and numbers between spaces, of a script without spaces, of neither. */
export const TOKEN_KINDS = { word: 0, unspaced: 1, symbol: 2 } as const;
export type TokenKind = keyof typeof TOKEN_KINDS;

/** Where a token holds what its writer knows of it: float64, but for 64 signs in eight bytes. */
export const TOKEN_FIELDS = { pairWeight: 0, ownWeight: 8, gramWeight: 16, codeWeight: 24, code: 32 } as const;
const PLACES_AT = 48;
/** Four places. */
const BYTES_A_HASH = 8;
/** Of itself and its prefix. */
const WHOLES = 2;
/** Of three sizes, from each character on, and from the boundaries before and after. */
const grams = (chars: number): number => 3 * (chars + 2);

/** Bytes of a token of so many characters at most, a multiple of eight. */
export const tokenBytes = (chars: number): number => PLACES_AT + BYTES_A_HASH * (WHOLES + grams(chars));

/** Dimensions of a text: float64 while it is summed up, then float32. */
export const TEXT_DIMENSION = 1024;

/** What .build/kernels/head.wasm exports for it. chars: of 16 bits each. */
export interface HashingFunctions {
  readonly TEXT_DIMENSIONS: WebAssembly.Global;
  /** The first ones, that hashes go to; codes have the rest. */
  readonly HASHED_DIMENSIONS: WebAssembly.Global;
  hashPrefix(chars: number, length: number): number;
  readToken(token: number, chars: number, length: number, kind: number): void;
  beginText(sums: number): void;
  addToken(sums: number, token: number): void;
  /** Adds a token without room for its n-grams: as many bytes as one of a single character. */
  addLongToken(sums: number, token: number, chars: number, length: number, kind: number): void;
  writeUnit(sums: number, out: number): void;
}
