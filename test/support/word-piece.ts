// WordPiece as BERT's uncased tokenizers define it, for texts without accents: enough to compare embeddings with references.
export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
}

/** Punctuation, which includes the symbols of ASCII, or what is between punctuation and spaces. */
const PARTS = /[\p{P}$+<=>^`|~]|[^\p{P}$+<=>^`|~\s]+/gu;

export const vocabularyOf = (lines: string): Vocabulary => ({
  ids: new Map(
    lines
      .trimEnd()
      .split("\n")
      .map((word, at) => [word, at]),
  ),
});

/** [CLS], the pieces of `text`, [SEP]: at most `most` ids. */
export function tokenise(text: string, { ids }: Vocabulary, most: number): number[] {
  const words = text.toLowerCase().match(PARTS) ?? [];
  const pieces = words.flatMap((word) => piecesOf(word, ids)).slice(0, most - 2);
  return ["[CLS]", ...pieces, "[SEP]"].map((piece) => ids.get(piece) as number);
}

/** The longest known beginning, then the longest known continuation, and so on. */
function piecesOf(word: string, ids: ReadonlyMap<string, number>): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < word.length; ) {
    let end = word.length;
    const prefix = at > 0 ? "##" : "";
    while (end > at && !ids.has(prefix + word.slice(at, end))) end--;
    if (end === at) return ["[UNK]"];
    pieces.push(prefix + word.slice(at, end));
    at = end;
  }
  return pieces;
}
