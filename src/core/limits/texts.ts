// Limits of what text backbones read and cache, with unit and reason.

export const TEXT_LIMITS = {
  /**
   * Characters of one text that are read, counted after NFKC. Ordinary texts hardly grow by NFKC. A text of characters that
   * grow 18-fold must not cost as much as eighteen texts.
   */
  expandedTextChars: 60_000,
  /** Consecutive combining marks that are read: NFKC takes half a millisecond to sort this many, and a second for 20,000. */
  marksInARow: 1_000,
  /**
   * Tokens that a Worker caches, at 400 bytes and a map entry each. V8 keeps longer ones as slices, which retain their text.
   */
  tokensRemembered: 2_048,
  rememberedTokenChars: 12,
  /**
   * Characters of one text that a model's tokenizer reads: as many as a caller can send. It takes a microsecond or two for each, and
   * sixteen windows cover most of such a text.
   */
  tokenisedTextChars: 20_000,
  /** Characters of short texts that a model's tokenizer reads between two turns of the event loop: 2 to 5 ms. */
  tokenisedCharsPerTurn: 2_000,
} as const;
