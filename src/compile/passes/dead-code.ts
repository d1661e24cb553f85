// Drops the nodes, the constants and the inputs that no output needs.
import type { Graph } from "../graph.ts";

export function withoutDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    const isNeeded = outputs.some((name) => needed.has(name));
    if (isNeeded) for (const name of inputs) needed.add(name);
    return isNeeded;
  });
  return {
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs: graph.outputs,
    nodes: nodes.reverse(),
    constants: new Map([...graph.constants].filter(([name]) => needed.has(name))),
  };
}
