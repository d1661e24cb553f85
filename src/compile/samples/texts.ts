// Sample texts as token ids: what smoothing is calibrated on, and the loss of a bundle is measured with.
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { parseJson } from "../readers/source-file.ts";
import type { TextRules } from "../readers/source-model.ts";
import { integers, type Tensor } from "../tensor.ts";

export const SAMPLE_TEXTS: readonly string[] = readFileSync(new URL("english.txt", import.meta.url).pathname, "utf8")
  .trim()
  .split("\n");

/** The token ids [1, sequence] of a text. Of a text that is cut, the last token, which ends it, is kept. */
export function tokenizerOf({ tokenizer }: TextRules): (text: string, maxTokens: number) => Tensor {
  const [model, config] = tokenizer.map(parseJson);
  const own = new Tokenizer(model as object, config as object);
  return (text, maxTokens) => {
    const { ids } = own.encode(text);
    const kept = ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1) as number];
    return integers([1, kept.length], kept);
  };
}
