// Prepares a file's graph: fuses it, cuts off its classifier, and finds out what the values that were asked for are called afterwards.
import type { Pooling } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import type { Graph } from "../graph.ts";
import { cutClassifier } from "../passes/cut-classifier.ts";
import { optimise } from "../passes/optimise.ts";

export interface Prepared {
  readonly graph: Graph;
  readonly pooling: Pooling | null;
  /** What values of the file are called in the graph. */
  readonly names: ReadonlyMap<string, string>;
}

/** `output`: the value whose features are wanted; null: the graph's own. `wanted`: values that fusions must leave. */
export function prepareGraph(graph: Graph, output: string | null, wanted: readonly string[]): Prepared {
  const values = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  if (output !== null && !values.has(output))
    throw new CompileError(`output "${output}"`, "the model has no such value");
  const taps = wanted.filter((name) => values.has(name));
  const own = output === null ? graph.outputs : [output];
  const fused = optimise({ ...graph, outputs: [...own, ...taps] });
  const features = output === null ? cutClassifier(fused, taps.length) : { graph: fused, pooling: null };
  const { outputs } = features.graph;
  const renamed = outputs.slice(outputs.length - taps.length);
  return { ...features, names: new Map(taps.map((name, at) => [name, renamed[at] as string])) };
}
