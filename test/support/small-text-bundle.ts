// A small text bundle with a tokenizer of letters, as files that a test can lose, change or hold back.

import type { BackboneContext } from "../../src/backbones/backbone.ts";
import { bundleBackbone, type StatedBundle } from "../../src/backbones/bundles/bundle-backbone.ts";
import type { BundleFiles } from "../../src/backbones/bundles/bundle-files.ts";
import type { TokenizerFiles } from "../../src/backbones/texts/tokenizer.ts";
import type { Bundle } from "../../src/contract/bundle/bundle.ts";
import { pieceName } from "../../src/contract/bundle/bundle.ts";
import { concatBytes, sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { canonicalJson } from "../../src/core/json-text.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { smallEncoder } from "./small-encoder.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzσς"];
const WORDS = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  ...LETTERS,
  ...LETTERS.map((letter) => `##${letter}`),
  ".",
  "query",
  ":",
];
export const idOf = (word: string): number => WORDS.indexOf(word);

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content, id) => ({
  id,
  content,
  special: true,
  normalized: false,
  single_word: false,
  lstrip: false,
  rstrip: false,
}));

const around = (id: string) => ({ SpecialToken: { id, type_id: 0 } });

/** BERT's rules with a vocabulary of letters. */
export const SMALL_TOKENIZER: TokenizerFiles = [
  JSON.stringify({
    version: "1.0",
    added_tokens: special,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [around("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, around("[SEP]")],
      pair: [],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  }),
  JSON.stringify({ tokenizer_class: "BertTokenizer" }),
];

export interface TextBundle {
  readonly stated: StatedBundle;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export async function smallTextBundle(id = "small", maxTokens = 12, instruction = ""): Promise<TextBundle> {
  const { bundle, pieces } = await smallEncoder();
  const [model, config] = SMALL_TOKENIZER.map(utf8) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const last = concatBytes([model, config]);
  const described = { bytes: last.length, sha256: await sha256Hex(last) };
  const tokenizer = { piece: pieces.length, bytes: [model.length, config.length] };
  const preprocessing = { modality: "text", maxTokens, instruction, tokenizer };
  const undigested = { ...bundle, id, preprocessing, pieces: [...bundle.pieces, described] } as unknown as Bundle;
  const digest = await sha256Hex(utf8(canonicalJson(undigested)));
  const named = [...pieces, last].map((bytes, piece) => [pieceName(piece), bytes] as const);
  const files = new Map([...named, ["bundle.json", utf8(JSON.stringify({ ...undigested, digest }))] as const]);
  const taps = bundle.taps.map(({ name }) => name);
  return { stated: { id, digest, modality: "text", taps, dimension: 64, description: "A small encoder" }, files };
}

export interface Store extends BundleFiles {
  /** The names of the files that were read. */
  readonly reads: string[];
}

/** Files in memory. `before` is awaited before each answer. */
export function storeOf({ files }: TextBundle, before: (name: string) => unknown = () => undefined): Store {
  const reads: string[] = [];
  return {
    reads,
    read: async (name) => {
      reads.push(name);
      await before(name);
      return (files.get(name) as Uint8Array<ArrayBuffer>).slice();
    },
  };
}

/** A deployment of its own: a budget, and so its own loaded bundles. */
export const contextWith = (memory = new MemoryBudget(2 ** 30, () => Date.now())): BackboneContext => ({
  assets: { fetch: async () => new Response("missing", { status: 404 }) } as unknown as Fetcher,
  bucket: null,
  fetch,
  memory,
});

export const backboneFrom = (bundle: TextBundle, files: BundleFiles = storeOf(bundle), context = contextWith()) =>
  bundleBackbone(bundle.stated, files, context);
