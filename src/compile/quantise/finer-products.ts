// Finds the products whose int8 weights cost the most, so that these can keep float16 and the others stay small and fast.
import type { BundleTap } from "../../contract/bundle/bundle.ts";
import { isProduct } from "../bundle/formats.ts";
import type { Graph } from "../graph.ts";
import { runGraph } from "../run.ts";
import type { Tensor } from "../tensor.ts";
import type { Sample } from "./measure.ts";
import { pooled } from "./pooled.ts";

interface Cost {
  readonly name: string;
  /** The square of the relative error of the features if only this product is rounded. */
  readonly error: number;
}

export interface Tolerance {
  readonly taps: readonly BundleTap[];
  readonly samples: readonly Sample[];
  /** The most that features may differ, relative to their size. */
  readonly tolerance: number;
}

/**
 * The products that must not be rounded, so that the features differ by less than the tolerance. The errors of products are taken as
 * independent: their squares add up. `rounded` has the nodes of the graph in the same order.
 */
export function finerProducts(graph: Graph, rounded: Graph, { taps, samples, tolerance }: Tolerance): Set<string> {
  const costs = costsOfProducts(graph, rounded, taps, samples).toSorted((a, b) => b.error - a.error);
  let rest = costs.reduce((sum, { error }) => sum + error, 0);
  const finer = new Set<string>();
  for (const { name, error } of costs) {
    if (rest <= tolerance ** 2) break;
    finer.add(name);
    rest -= error;
  }
  return finer;
}

function costsOfProducts(graph: Graph, rounded: Graph, taps: readonly BundleTap[], samples: readonly Sample[]): Cost[] {
  const errors = new Map<string, number>();
  for (const sample of samples) {
    const values = new Map<string, Tensor>();
    runGraph(graph, sample, graph.outputs, (name, value) => values.set(name, value));
    const known = { ...sample, ...Object.fromEntries(values) };
    const expected = featuresOf(graph, known, taps);
    graph.nodes.forEach(({ op, name }, at) => {
      if (!isProduct(op)) return;
      // What comes before is as it was: only this product and what comes after it run again.
      const nodes = [rounded.nodes[at] as Graph["nodes"][number], ...graph.nodes.slice(at + 1)];
      const constants = new Map([...graph.constants, ...rounded.constants]);
      const found = featuresOf({ ...graph, nodes, constants }, known, taps);
      errors.set(name, (errors.get(name) ?? 0) + squaredError(found, expected) / samples.length);
    });
  }
  return [...errors].map(([name, error]) => ({ name, error }));
}

function featuresOf(graph: Graph, given: Readonly<Record<string, Tensor>>, taps: readonly BundleTap[]): Float64Array[] {
  const values = runGraph(
    graph,
    given,
    taps.map(({ value }) => value),
  );
  return taps.map(({ pooling }, at) => pooled(values[at] as Tensor, pooling));
}

/** Of the tap that differs most. */
function squaredError(found: readonly Float64Array[], expected: readonly Float64Array[]): number {
  const errors = expected.map((values, tap) => {
    let [error, size] = [0, 0];
    values.forEach((value, at) => {
      error += (value - (found[tap]?.[at] as number)) ** 2;
      size += value ** 2;
    });
    return size === 0 ? 0 : error / size;
  });
  return Math.max(...errors);
}
