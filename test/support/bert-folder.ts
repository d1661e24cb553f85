// Writes a tiny BERT as a folder of Hugging Face: random weights, and a tokenizer that knows letters and a few words.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "./random.ts";

export interface BertSizes {
  readonly layers: number;
  readonly width: number;
  readonly inner: number;
  readonly heads: number;
  readonly positions: number;
}

export const TINY_BERT: BertSizes = { layers: 2, width: 32, inner: 64, heads: 4, positions: 24 };

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz0123456789.,!?'");
const WORDS = ["the", "is", "and", "of", "to", "my", "in", "it"];
export const VOCABULARY = [...SPECIAL, ...LETTERS, ...LETTERS.map((letter) => `##${letter}`), ...WORDS];

function tokenizer(): unknown {
  const special = SPECIAL.map((content, id) => {
    return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  });
  const [cls, sep] = ["[CLS]", "[SEP]"];
  const single = [
    { SpecialToken: { id: cls, type_id: 0 } },
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: sep, type_id: 0 } },
  ];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
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
      single,
      pair: single,
      special_tokens: {
        [cls]: { id: cls, ids: [2], tokens: [cls] },
        [sep]: { id: sep, ids: [3], tokens: [sep] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(VOCABULARY.map((piece, id) => [piece, id])),
    },
  };
}

/** The shapes of all tensors, as transformers names them. */
export function bertShapes({ layers, width, inner, positions }: BertSizes): Record<string, readonly number[]> {
  const dense = (name: string, outputs: number, inputs: number): [string, number[]][] => [
    [`${name}.weight`, [outputs, inputs]],
    [`${name}.bias`, [outputs]],
  ];
  const norm = (name: string): [string, number[]][] => [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
  const layer = (name: string): [string, number[]][] => [
    ...["query", "key", "value"].flatMap((part) => dense(`${name}.attention.self.${part}`, width, width)),
    ...dense(`${name}.attention.output.dense`, width, width),
    ...norm(`${name}.attention.output.LayerNorm`),
    ...dense(`${name}.intermediate.dense`, inner, width),
    ...dense(`${name}.output.dense`, width, inner),
    ...norm(`${name}.output.LayerNorm`),
  ];
  return Object.fromEntries([
    ["embeddings.word_embeddings.weight", [VOCABULARY.length, width]],
    ["embeddings.position_embeddings.weight", [positions, width]],
    ["embeddings.token_type_embeddings.weight", [2, width]],
    ...norm("embeddings.LayerNorm"),
    ...Array.from({ length: layers }, (_, at) => layer(`encoder.layer.${at}`)).flat(),
  ]);
}

export function safetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length), true);
  const parts = Object.values(tensors).map(({ data }) => new Uint8Array(data.buffer));
  return Buffer.concat([new Uint8Array(length.buffer), json, ...parts]);
}

function weights(sizes: BertSizes): Uint8Array {
  const random = seededRandom(11);
  const tensors = Object.entries(bertShapes(sizes)).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const base = name.includes("LayerNorm.weight") ? 1 : 0;
    return [name, { shape, data: Float32Array.from({ length: count }, () => base + 0.2 * random.normal()) }];
  });
  return safetensors(Object.fromEntries(tensors));
}

export function bertConfigJson({ layers, width, inner, heads, positions }: BertSizes): Record<string, unknown> {
  return {
    model_type: "bert",
    hidden_act: "gelu",
    hidden_size: width,
    intermediate_size: inner,
    num_attention_heads: heads,
    num_hidden_layers: layers,
    max_position_embeddings: positions,
    type_vocab_size: 2,
    vocab_size: VOCABULARY.length,
    layer_norm_eps: 1e-12,
  };
}

export function writeBertFolder(folder: string, sizes: BertSizes = TINY_BERT): void {
  mkdirSync(join(folder, "1_Pooling"), { recursive: true });
  const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content));
  write("config.json", bertConfigJson(sizes));
  write("tokenizer.json", tokenizer());
  write("tokenizer_config.json", { tokenizer_class: "BertTokenizer", do_lower_case: true, model_max_length: 512 });
  write("sentence_bert_config.json", { max_seq_length: 16 });
  write("modules.json", [
    { type: "sentence_transformers.models.Pooling" },
    { type: "sentence_transformers.models.Normalize" },
  ]);
  write("1_Pooling/config.json", { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false });
  writeFileSync(join(folder, "model.safetensors"), weights(sizes));
}
