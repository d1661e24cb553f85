// Prepares a graph for its weight formats with samples of its inputs, and measures on other samples what the formats cost.
import type { BundleLoss, BundleTap } from "../../contract/bundle/bundle.ts";
import type { Formats } from "../bundle/formats.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { withoutDeadCode } from "../passes/dead-code.ts";
import type { InputRules } from "../readers/source-model.ts";
import { samplesOf } from "../samples/samples.ts";
import { finerProducts } from "./finer-products.ts";
import { channelSizes, measureLoss, type Sample } from "./measure.ts";
import { quantisedGraph } from "./quantised.ts";
import { roundedGraph } from "./rounded.ts";
import { smoothedValues, smoothGraph } from "./smooth.ts";

export interface Destination {
  readonly taps: readonly BundleTap[];
  readonly formats: Formats;
  /** The most that features may differ because of int8 weights, relative to their size; null: as much as it takes. */
  readonly tolerance: number | null;
  readonly input: InputRules;
}

/** Of .2 to .5, the strength with the least loss of all-MiniLM-L6-v2: .4. */
const SMOOTHING = 0.4;

export interface Quantised {
  /** Its weights are such that their formats keep them. */
  readonly graph: Graph;
  readonly formats: Formats;
  readonly loss: BundleLoss;
}

/** Each of them takes as many runs of the graph as there are products. */
const SAMPLES_OF_TOLERANCE = 2;

export function quantise(exact: Graph, { taps, formats, tolerance, input }: Destination): Quantised {
  const { calibration, measurement } = samplesOf(input);
  const isInteger = formats.products === "int8";
  const smooth = isInteger && smoothedValues(exact).size > 0 ? smoothed(exact, taps, calibration) : exact;
  const rounded = isInteger ? roundedGraph(smooth, calibration) : smooth;
  const few = calibration.slice(0, SAMPLES_OF_TOLERANCE);
  const finer =
    isInteger && tolerance !== null
      ? finerProducts(smooth, quantisedGraph(rounded, formats), { taps, samples: few, tolerance })
      : new Set<string>();
  const nodes = rounded.nodes.map((node, at) => (finer.has(node.name) ? (smooth.nodes[at] as GraphNode) : node));
  const graph = withoutDeadCode({ ...rounded, nodes });
  const mixed: Formats = { ...formats, finer };
  return { graph, formats: mixed, loss: measureLoss(exact, quantisedGraph(graph, mixed), taps, measurement) };
}

function smoothed(graph: Graph, taps: readonly BundleTap[], samples: readonly Sample[]): Graph {
  const kept = new Set(taps.map(({ value }) => value));
  return smoothGraph(graph, channelSizes(graph, samples), SMOOTHING, kept);
}
