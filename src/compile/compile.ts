// Compiles a model that a reader has read to a bundle.
import type { BundleLoss, BundleSource, Preprocessing } from "../contract/bundle/bundle.ts";
import { concatBytes } from "../core/bytes.ts";
import { assembleBundle, type CompiledBundle } from "./bundle/assemble.ts";
import type { Formats } from "./bundle/formats.ts";
import type { TapRequest } from "./bundle/taps.ts";
import { CompileError } from "./compile-error.ts";
import { lowerGraph } from "./lower/lower.ts";
import { trimPositions } from "./passes/trim-positions.ts";
import { digestOf } from "./readers/source-file.ts";
import type { SourceModel, TextRules } from "./readers/source-model.ts";

export interface CompileOptions {
  readonly id: string;
  readonly source: Omit<BundleSource, "files">;
  readonly formats: Formats;
  /** Empty: the pooled output of the model. */
  readonly taps: readonly TapRequest[];
  readonly maxTokens: number | null;
  readonly instruction: string;
}

const UNMEASURED: BundleLoss = { samples: 0, taps: [] };
const LAST: TapRequest = { name: "output", place: null, pooling: null };

export function compileModel(model: SourceModel, options: CompileOptions): CompiledBundle {
  const { text, files } = model;
  if (!text) throw new CompileError(files[0]?.path ?? "model", "it has no rules of preprocessing");
  const maxTokens = Math.min(text.maxTokens, options.maxTokens ?? text.maxTokens);
  const tokenizer = text.tokenizer.map(({ bytes }) => bytes);
  return assembleBundle({
    id: options.id,
    lowered: lowerGraph(trimPositions(model.graph, maxTokens)),
    formats: options.formats,
    taps: options.taps.length > 0 ? options.taps : [LAST],
    defaults: text,
    preprocessing: (piece) => textPreprocessing(text, maxTokens, options.instruction, piece),
    tokenizer: concatBytes(tokenizer),
    source: { ...options.source, files: files.map((file) => ({ path: file.name, sha256: digestOf(file) })) },
    loss: UNMEASURED,
  });
}

function textPreprocessing(text: TextRules, maxTokens: number, instruction: string, piece: number): Preprocessing {
  const [tokenizer, config] = text.tokenizer;
  const bytes: [number, number] = [tokenizer.bytes.byteLength, config.bytes.byteLength];
  return { modality: "text", maxTokens, instruction, tokenizer: { piece, bytes } };
}
