// Drops the rows of position embeddings that no window of text reaches.
import { type Graph, type GraphNode, inputOf } from "../graph.ts";
import { numberAttribute } from "../operations/attributes.ts";
import type { Tensor } from "../tensor.ts";

export function trimPositions(graph: Graph, maxTokens: number): Graph {
  const constants = new Map(graph.constants);
  for (const node of graph.nodes.filter(({ op }) => op === "embed")) {
    const name = inputOf(node, 2);
    const table = constants.get(name);
    if (table) constants.set(name, firstRows(table, lastPosition(node, maxTokens)));
  }
  return { ...graph, constants };
}

const lastPosition = (node: GraphNode, maxTokens: number): number => numberAttribute(node, "firstPosition") + maxTokens;

function firstRows({ type, shape: [rows = 0, width = 0], data }: Tensor, count: number): Tensor {
  const kept = Math.min(rows, count);
  return { type, shape: [kept, width], data: data.subarray(0, kept * width) };
}
