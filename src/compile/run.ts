// Runs a graph in plain TypeScript, in float32: the reference that constants are folded with and bundles are measured against.
import type { Graph } from "./graph.ts";
import { specOf } from "./infer.ts";
import type { Tensor } from "./tensor.ts";

/** Called with each value as it is made. */
export type Watch = (name: string, value: Tensor) => void;

/** Computes the values named, and only what they need. */
export function runGraph(
  graph: Graph,
  given: Readonly<Record<string, Tensor>>,
  wanted: readonly string[],
  watch?: Watch,
): Tensor[] {
  const values = new Map<string, Tensor>([...graph.constants, ...Object.entries(given)]);
  for (const node of neededNodes(graph, wanted)) {
    const results = specOf(node).run(
      node,
      node.inputs.map((name) => values.get(name)),
    );
    node.outputs.forEach((name, at) => {
      const value = results[at];
      if (!value) return;
      values.set(name, value);
      watch?.(name, value);
    });
  }
  return wanted.map((name) => values.get(name) as Tensor);
}

function neededNodes({ nodes }: Graph, wanted: readonly string[]): Graph["nodes"] {
  const needed = new Set(wanted);
  const kept = nodes.toReversed().filter(({ inputs, outputs }) => {
    const isNeeded = outputs.some((name) => needed.has(name));
    if (isNeeded) for (const name of inputs) needed.add(name);
    return isNeeded;
  });
  return kept.reverse();
}
