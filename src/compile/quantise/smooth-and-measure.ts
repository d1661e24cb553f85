// Prepares a graph for its weight formats with samples of its inputs, and measures on other samples what the formats cost.
import type { BundleLoss, BundleTap } from "../../contract/bundle/bundle.ts";
import type { Formats } from "../bundle/formats.ts";
import type { Graph } from "../graph.ts";
import type { InputRules } from "../readers/source-model.ts";
import { samplesOf } from "../samples/samples.ts";
import { finerProducts } from "./finer-products.ts";
import { channelSizes, measureLoss, type Sample } from "./measure.ts";
import { quantisedGraph } from "./quantised.ts";
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
  /** Computes the same as the graph, as long as its weights are float32. */
  readonly smooth: Graph;
  readonly formats: Formats;
  readonly loss: BundleLoss;
}

/** Each of them takes as many runs of the graph as there are products. */
const SAMPLES_OF_TOLERANCE = 2;

export function smoothAndMeasure(graph: Graph, { taps, formats, tolerance, input }: Destination): Quantised {
  const { calibration, measurement } = samplesOf(input);
  const isInteger = formats.products === "int8";
  const smooth = isInteger && smoothedValues(graph).size > 0 ? smoothed(graph, taps, calibration) : graph;
  const few = calibration.slice(0, SAMPLES_OF_TOLERANCE);
  const finer =
    isInteger && tolerance !== null ? finerProducts(smooth, formats, taps, few, tolerance) : new Set<string>();
  const mixed: Formats = { ...formats, finer };
  return { smooth, formats: mixed, loss: measureLoss(graph, quantisedGraph(smooth, mixed), taps, measurement) };
}

function smoothed(graph: Graph, taps: readonly BundleTap[], samples: readonly Sample[]): Graph {
  const kept = new Set(taps.map(({ value }) => value));
  return smoothGraph(graph, channelSizes(graph, samples), SMOOTHING, kept);
}
