// Compiles a model that a reader has read to a bundle.
import type { BundleSource, BundleTap } from "../contract/bundle/bundle.ts";
import { assembleBundle, type CompiledBundle } from "./bundle/assemble.ts";
import type { Formats } from "./bundle/formats.ts";
import { resolveTap, type TapRequest } from "./bundle/taps.ts";
import type { Graph } from "./graph.ts";
import { blocksOf } from "./lower/blocks.ts";
import { lowerGraph } from "./lower/lower.ts";
import { trimPositions } from "./passes/trim-positions.ts";
import { channelSizes, measureLoss, type Sample } from "./quantise/measure.ts";
import { quantisedGraph } from "./quantise/quantised.ts";
import { smoothGraph } from "./quantise/smooth.ts";
import { digestOf } from "./readers/source-file.ts";
import type { SourceModel } from "./readers/source-model.ts";
import { samplesOf } from "./samples/samples.ts";

export interface CompileOptions {
  readonly id: string;
  readonly source: Omit<BundleSource, "files">;
  readonly formats: Formats;
  /** Empty: the pooled output of the model. */
  readonly taps: readonly TapRequest[];
}

const LAST: TapRequest = { name: "output", place: null, pooling: null };

/** Of .2 to .5, the strength with the least loss of all-MiniLM-L6-v2: .4. */
const SMOOTHING = 0.4;

export function compileModel(model: SourceModel, options: CompileOptions): CompiledBundle {
  const { graph, input, feature, names, files } = model;
  const exact = input.modality === "text" ? trimPositions(graph, input.maxTokens) : graph;
  const lowered = lowerGraph(exact);
  const blocks = blocksOf(lowered);
  const requests = options.taps.length > 0 ? options.taps : [LAST];
  const taps = requests.map((tap) => resolveTap(tap, { lowered, blocks: blocks.blocks, names }, feature));
  const samples = samplesOf(input);
  const smooth = options.formats.products === "int8" ? smoothed(exact, taps, samples.calibration) : exact;
  return assembleBundle({
    id: options.id,
    lowered: lowerGraph(smooth),
    blocks,
    taps,
    formats: options.formats,
    input,
    source: { ...options.source, files: files.map((file) => ({ path: file.name, sha256: digestOf(file) })) },
    loss: measureLoss(exact, quantisedGraph(smooth, options.formats), taps, samples.measurement),
  });
}

function smoothed(graph: Graph, taps: readonly BundleTap[], samples: readonly Sample[]): Graph {
  const kept = new Set(taps.map(({ value }) => value));
  return smoothGraph(graph, channelSizes(graph, samples), SMOOTHING, kept);
}
