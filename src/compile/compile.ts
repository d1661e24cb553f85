// Compiles a model that a reader has read to a bundle.
import type { BundleSource, BundleTap } from "../contract/bundle/bundle.ts";
import { assembleBundle, type CompiledBundle } from "./bundle/assemble.ts";
import type { Formats } from "./bundle/formats.ts";
import { resolveTap, type TapRequest } from "./bundle/taps.ts";
import type { Graph } from "./graph.ts";
import { blocksOf } from "./lower/blocks.ts";
import { lowerGraph } from "./lower/lower.ts";
import { withoutDeadCode } from "./passes/dead-code.ts";
import { trimPositions } from "./passes/trim-positions.ts";
import { quantise } from "./quantise/quantise.ts";
import { digestOf } from "./readers/source-file.ts";
import type { SourceModel } from "./readers/source-model.ts";

export interface CompileOptions {
  readonly id: string;
  readonly source: Omit<BundleSource, "files">;
  readonly formats: Formats;
  /** The most that features may differ because of int8 weights, relative to their size. What costs more is float16. */
  readonly tolerance?: number | null;
  /** Empty: the pooled output of the model. */
  readonly taps: readonly TapRequest[];
}

const LAST: TapRequest = { name: "output", place: null, pooling: null };

export function compileModel(model: SourceModel, options: CompileOptions): CompiledBundle {
  const { input, files } = model;
  const exact = tapped(model, options.taps.length > 0 ? options.taps : [LAST]);
  const { tolerance = null } = options;
  const { taps } = exact;
  const { graph, formats, loss } = quantise(exact.graph, { taps, formats: options.formats, tolerance, input });
  const lowered = lowerGraph(graph);
  return assembleBundle({
    id: options.id,
    lowered,
    blocks: blocksOf(lowered),
    taps,
    formats,
    input,
    source: { ...options.source, files: files.map((file) => ({ path: file.name, sha256: digestOf(file) })) },
    loss,
  });
}

/** The graph up to its taps. */
function tapped({ graph, input, feature, names }: SourceModel, requests: readonly TapRequest[]): Tapped {
  const whole = input.modality === "text" ? trimPositions(graph, input.maxTokens) : graph;
  const lowered = lowerGraph(whole);
  const { blocks } = blocksOf(lowered);
  const taps = requests.map((tap) => resolveTap(tap, { lowered, blocks, names }, feature));
  const values = taps.map(({ value }) => value);
  const made = lowered.operations.map(({ output }) => output);
  const outputs = values.toSorted((a, b) => made.indexOf(b) - made.indexOf(a));
  return { graph: withoutDeadCode({ ...whole, outputs }), taps };
}

interface Tapped {
  readonly graph: Graph;
  readonly taps: readonly BundleTap[];
}
