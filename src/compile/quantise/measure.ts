// Runs samples through a graph: to see how large its channels become, and what quantising changes in the features.
import type { BundleLoss, BundleTap } from "../../contract/bundle/bundle.ts";
import type { Graph } from "../graph.ts";
import { runGraph } from "../run.ts";
import type { Tensor } from "../tensor.ts";
import { cosine, pooled } from "./pooled.ts";
import { type ChannelSizes, smoothedValues } from "./smooth.ts";

/** The values of a graph's inputs. */
export type Sample = Readonly<Record<string, Tensor>>;

export function channelSizes(graph: Graph, samples: readonly Sample[]): ChannelSizes {
  const wanted = smoothedValues(graph);
  const sizes = new Map<string, Float64Array>();
  const watch = (name: string, { shape, data }: Tensor): void => {
    if (!wanted.has(name)) return;
    const width = shape.at(-1) as number;
    const most = sizes.get(name) ?? new Float64Array(width);
    for (let at = 0; at < data.length; at++)
      most[at % width] = Math.max(most[at % width] as number, Math.abs(data[at] as number));
    sizes.set(name, most);
  };
  for (const sample of samples) runGraph(graph, sample, graph.outputs, watch);
  return sizes;
}

export function measureLoss(
  exact: Graph,
  quantised: Graph,
  taps: readonly BundleTap[],
  samples: readonly Sample[],
): BundleLoss {
  const values = taps.map(({ value }) => value);
  const cosines = samples.map((sample) => {
    const [before, after] = [exact, quantised].map((graph) => runGraph(graph, sample, values));
    return taps.map(({ pooling }, at) =>
      cosine(pooled(before?.[at] as Tensor, pooling), pooled(after?.[at] as Tensor, pooling)),
    );
  });
  const losses = taps.map(({ name }, at) => {
    const own = cosines.map((ofSample) => ofSample[at] as number);
    const meanCosine = rounded(own.reduce((sum, value) => sum + value, 0) / own.length);
    return { name, meanCosine, worstCosine: rounded(Math.min(...own)) };
  });
  return { samples: samples.length, taps: losses };
}

const rounded = (cosine: number): number => Number(cosine.toFixed(6));
