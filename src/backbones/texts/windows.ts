// Windows of a text: the tokens that a model reads at once. The feature of a long text is pooled over them.
import type { TextTokenizer } from "./tokenizer.ts";

/** Windows of one text: 4,096 tokens of a model that reads 256 at once, about a second of CPU time of a small encoder. */
export const MOST_WINDOWS = 16;

export interface TextWindows {
  /** The ids of each window, special tokens included. None for a text without tokens. */
  readonly windows: readonly (readonly number[])[];
  /** Whether windows were left out. */
  readonly isTruncated: boolean;
}

export interface WindowRule {
  /** Tokens of a window, special tokens included. */
  readonly maxTokens: number;
  readonly special: Pick<TextTokenizer, "before" | "after">;
  /** The ids of the instruction, which every window begins with. */
  readonly instruction: readonly number[];
}

/** `ids`: of the instruction and the text, without special tokens. */
export function windowsOf(ids: readonly number[], { maxTokens, special, instruction }: WindowRule): TextWindows {
  const { before, after } = special;
  const lead = startsWith(ids, instruction) ? instruction : [];
  const own = lead.length === 0 ? ids : ids.slice(lead.length);
  const size = Math.max(1, maxTokens - before.length - lead.length - after.length);
  const { starts, isTruncated } = startsOf(own.length, size);
  const windows = starts.map((start) => [...before, ...lead, ...own.slice(start, start + size), ...after]);
  return { windows: windows.filter(({ length }) => length > 0), isTruncated };
}

const startsWith = (ids: readonly number[], first: readonly number[]): boolean =>
  first.every((id, at) => ids[at] === id);

/** Neighbouring windows, or as many as allowed, spread evenly from the first token to the last. */
function startsOf(tokens: number, size: number): { readonly starts: readonly number[]; readonly isTruncated: boolean } {
  const count = Math.max(1, Math.ceil(tokens / size));
  if (count <= MOST_WINDOWS) return { starts: Array.from({ length: count }, (_, at) => at * size), isTruncated: false };
  const step = (tokens - size) / (MOST_WINDOWS - 1);
  return { starts: Array.from({ length: MOST_WINDOWS }, (_, at) => Math.floor(at * step)), isTruncated: true };
}
