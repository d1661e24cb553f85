// Compiles a model that a reader has read to a bundle.
import type { BundleSource } from "../contract/bundle/bundle.ts";
import { assembleBundle, type CompiledBundle } from "./bundle/assemble.ts";
import type { Formats } from "./bundle/formats.ts";
import { resolveTap, type TapRequest } from "./bundle/taps.ts";
import { blocksOf } from "./lower/blocks.ts";
import { lowerGraph } from "./lower/lower.ts";
import { trimPositions } from "./passes/trim-positions.ts";
import { smoothAndMeasure } from "./quantise/smooth-and-measure.ts";
import { digestOf } from "./readers/source-file.ts";
import type { SourceModel } from "./readers/source-model.ts";

export interface CompileOptions {
  readonly id: string;
  readonly source: Omit<BundleSource, "files">;
  readonly formats: Formats;
  /** Empty: the pooled output of the model. */
  readonly taps: readonly TapRequest[];
}

const LAST: TapRequest = { name: "output", place: null, pooling: null };

export function compileModel(model: SourceModel, options: CompileOptions): CompiledBundle {
  const { graph, input, feature, names, files } = model;
  const exact = input.modality === "text" ? trimPositions(graph, input.maxTokens) : graph;
  const lowered = lowerGraph(exact);
  const blocks = blocksOf(lowered);
  const requests = options.taps.length > 0 ? options.taps : [LAST];
  const taps = requests.map((tap) => resolveTap(tap, { lowered, blocks: blocks.blocks, names }, feature));
  const { smooth, loss } = smoothAndMeasure(exact, { taps, formats: options.formats, input });
  return assembleBundle({
    id: options.id,
    lowered: lowerGraph(smooth),
    blocks,
    taps,
    formats: options.formats,
    input,
    source: { ...options.source, files: files.map((file) => ({ path: file.name, sha256: digestOf(file) })) },
    loss,
  });
}
