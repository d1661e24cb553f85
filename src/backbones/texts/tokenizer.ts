// The tokenizer of a text model: makes the ids that the model was trained on. Special tokens are kept apart, because each window of a
// long text needs its own.
import { Tokenizer } from "@huggingface/tokenizers";
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { asReferenceReads, type BertNormalizer, partsAtWords } from "./bert-text.ts";

/** The texts of `tokenizer.json` and `tokenizer_config.json`. */
export type TokenizerFiles = readonly [string, string];

export interface TextTokenizer {
  /** Special tokens before and after every window. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The ids of a text, without special tokens. */
  ids(text: string, turns?: Turns): Promise<readonly number[]>;
}

interface TokenizerParts {
  readonly normalizer?: BertNormalizer | { readonly type: string } | null;
  readonly pre_tokenizer?: { readonly type: string } | null;
}

export function makeTokenizer([model, config]: TokenizerFiles): TextTokenizer {
  const parts = JSON.parse(model) as TokenizerParts;
  const tokenizer = new Tokenizer(parts, JSON.parse(config) as object);
  const idsOf = (text: string): readonly number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const read = readerFor(parts, idsOf);
  return { ...specialTokens(tokenizer, idsOf), ids: (text, turns) => read(withFewMarks(text), turns) };
}

/** BERT's tokenizers read a long text in parts. Others may join tokens across any place, so they read it at once. */
function readerFor(
  { normalizer, pre_tokenizer }: TokenizerParts,
  idsOf: (text: string) => readonly number[],
): TextTokenizer["ids"] {
  if (!isBert(normalizer) || pre_tokenizer?.type !== "BertPreTokenizer") return async (text) => idsOf(text);
  return async (text, turns) => {
    const ids: number[] = [];
    for (const part of partsAtWords(text, LIMITS.tokenisedCharsPerTurn)) {
      if (ids.length > 0) await turns?.take();
      for (const id of idsOf(asReferenceReads(part, normalizer))) ids.push(id);
    }
    return ids;
  };
}

const isBert = (normalizer: TokenizerParts["normalizer"]): normalizer is BertNormalizer =>
  normalizer?.type === "BertNormalizer";

/** What the tokenizer puts around the ids of a text. */
function specialTokens(
  tokenizer: Tokenizer,
  idsOf: (text: string) => readonly number[],
): Pick<TextTokenizer, "before" | "after"> {
  const own = idsOf("a");
  const { ids } = tokenizer.encode("a");
  const at = ids.findIndex((_, from) => own.every((id, offset) => ids[from + offset] === id));
  return { before: ids.slice(0, at), after: ids.slice(at + own.length) };
}

const MARKS = /\p{M}+/gu;

/** Limits the number of marks in a row, because Unicode's normal forms sort them in quadratic time. */
const withFewMarks = (text: string): string =>
  text.length <= LIMITS.marksInARow ? text : text.replace(MARKS, (run) => run.slice(0, LIMITS.marksInARow));
