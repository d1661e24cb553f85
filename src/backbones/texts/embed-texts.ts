// The features of texts from a loaded bundle: tokens, windows, the graph, and the mean over windows. A text has the same bits in every
// batch.
import type { BundleTap, TextPreprocessing } from "../../contract/bundle/bundle.ts";
import type { TextInput } from "../../contract/inputs/text.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import type { Graph } from "../../graph/graph.ts";
import type { FeatureRows } from "../backbone.ts";
import { poolWindows } from "./pool-windows.ts";
import type { TextTokenizer } from "./tokenizer.ts";
import { type TextWindows, type WindowRule, windowsOf } from "./windows.ts";

/** Texts whose tokens are kept at once. The graph itself divides them into groups of a few hundred tokens. */
const TEXTS_AT_ONCE = 64;

export interface TextReading {
  readonly tokenizer: TextTokenizer;
  readonly rule: WindowRule;
  readonly instruction: string;
}

export interface TextModel {
  readonly graph: Graph;
  readonly reading: TextReading;
}

export async function textReading(
  tokenizer: TextTokenizer,
  { maxTokens, instruction }: TextPreprocessing,
): Promise<TextReading> {
  const lead = await tokenizer.ids(instruction.trimEnd());
  return { tokenizer, instruction, rule: { maxTokens, special: tokenizer, instruction: lead } };
}

/** The features at `taps`, side by side in this order. */
export async function embedTexts(
  { graph, reading }: TextModel,
  taps: readonly BundleTap[],
  inputs: readonly TextInput[],
  turns?: Turns,
): Promise<FeatureRows> {
  const dimension = taps.reduce((sum, tap) => sum + tap.dimension, 0);
  const values = new Float32Array(inputs.length * dimension);
  const truncated: boolean[] = [];
  for (let from = 0; from < inputs.length; from += TEXTS_AT_ONCE) {
    const texts = await readTexts(reading, inputs.slice(from, from + TEXTS_AT_ONCE), turns);
    truncated.push(...texts.map(({ isTruncated }) => isTruncated));
    const rows = values.subarray(from * dimension, (from + texts.length) * dimension);
    await embedWindows(graph, taps, texts, rows, turns);
  }
  return { values, tokens: null, truncated };
}

async function readTexts(
  { tokenizer, rule, instruction }: TextReading,
  inputs: readonly TextInput[],
  turns: Turns | undefined,
): Promise<TextWindows[]> {
  const texts: TextWindows[] = [];
  let chars = 0;
  for (const { text } of inputs) {
    if (chars >= LIMITS.tokenisedCharsPerTurn) await turns?.take();
    if (chars >= LIMITS.tokenisedCharsPerTurn) chars = 0;
    chars += text.length;
    const read = text.slice(0, LIMITS.tokenisedTextChars).toWellFormed();
    const { windows, isTruncated } = windowsOf(await tokenizer.ids(instruction + read, turns), rule);
    texts.push({ windows, isTruncated: isTruncated || read.length < text.length });
  }
  return texts;
}

/** Writes the features of `texts` to `rows` [texts][dimension of all taps]. */
async function embedWindows(
  graph: Graph,
  taps: readonly BundleTap[],
  texts: readonly TextWindows[],
  rows: Float32Array,
  turns: Turns | undefined,
): Promise<void> {
  const windows = texts.flatMap((text) => text.windows);
  const lengths = windows.map(({ length }) => length);
  const inputs = { count: windows.length, lengths, values: Int32Array.from(windows.flat()) };
  const names = taps.map(({ name }) => name);
  const features = await graph.run(inputs, names, turns);
  const counts = texts.map((text) => text.windows.length);
  const dimension = rows.length / texts.length;
  let column = 0;
  for (const tap of taps) {
    const parts = poolWindows(features[tap.name] as Float32Array, tap, lengths, counts);
    for (const [text, part] of parts.entries()) rows.set(part, text * dimension + column);
    column += tap.dimension;
  }
}
