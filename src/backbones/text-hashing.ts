// Embeds a text: signed feature hashing of words, prefixes, word pairs and character n-grams into 960 dimensions, and a
// rarity-weighted sum of frozen English word codes in the last 64. Nothing is learned from a user's rows, so the same text gives
// the same vector in every deployment.
import { TEXT_DIMENSION } from "../tensor/kernels/hashing.ts";
import { addToken, beginText, writeUnit } from "./text-memory.ts";
import { type Tokenise, weigh } from "./text-tokens.ts";

export { TEXT_DIMENSION };

/**
 * Writes the vector of a text to `rows` from index `at` on. Returns the number of characters that the tokeniser read. Hashes a
 * text without tokens as a whole.
 */
export function embedText(text: string, tokenise: Tokenise, rows: Float32Array, at: number): number {
  const { tokens, chars } = tokenise(text);
  beginText();
  for (const token of tokens) addToken(token, weigh);
  writeUnit(rows, at);
  return chars;
}
