// Prepares a graph for its weight formats with samples of its inputs, and measures on other samples what the formats cost.
import type { BundleLoss, BundleTap } from "../../contract/bundle/bundle.ts";
import type { Formats } from "../bundle/formats.ts";
import type { Graph } from "../graph.ts";
import type { InputRules } from "../readers/source-model.ts";
import { samplesOf } from "../samples/samples.ts";
import { channelSizes, measureLoss, type Sample } from "./measure.ts";
import { quantisedGraph } from "./quantised.ts";
import { smoothedValues, smoothGraph } from "./smooth.ts";

export interface Destination {
  readonly taps: readonly BundleTap[];
  readonly formats: Formats;
  readonly input: InputRules;
}

/** Of .2 to .5, the strength with the least loss of all-MiniLM-L6-v2: .4. */
const SMOOTHING = 0.4;

/** `smooth` computes the same as the graph, as long as its weights are float32. */
export function smoothAndMeasure(
  graph: Graph,
  { taps, formats, input }: Destination,
): { readonly smooth: Graph; readonly loss: BundleLoss } {
  const { calibration, measurement } = samplesOf(input);
  const isSmoothed = formats.products === "int8" && smoothedValues(graph).size > 0;
  const smooth = isSmoothed ? smoothed(graph, taps, calibration) : graph;
  return { smooth, loss: measureLoss(graph, quantisedGraph(smooth, formats), taps, measurement) };
}

function smoothed(graph: Graph, taps: readonly BundleTap[], samples: readonly Sample[]): Graph {
  const kept = new Set(taps.map(({ value }) => value));
  return smoothGraph(graph, channelSizes(graph, samples), SMOOTHING, kept);
}
