// Ceilings of what the text backbone reads and remembers, with unit and reason. `LIMITS` includes them.

export const TEXT_LIMITS = {
  /**
   * Characters of one text that are read, counted after NFKC: ordinary texts hardly grow by it, and one of characters that
   * grow 18-fold must not cost as much as eighteen texts.
   */
  expandedTextChars: 60_000,
  /** Combining marks in a row that are read: NFKC takes half a millisecond to sort so many, and a second for 20,000. */
  marksInARow: 1_000,
  /** Tokens that a Worker remembers, at 400 bytes and an entry of a map each. V8 keeps longer ones as slices, with their text. */
  tokensRemembered: 2_048,
  rememberedTokenChars: 12,
} as const;
