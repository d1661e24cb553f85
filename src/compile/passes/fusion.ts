// Defines a fusion: one node for the last node of a pattern. What only the pattern needed is dead after it.
import type { Graph, GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { withoutDeadCode } from "./dead-code.ts";
import { GraphIndex } from "./graph-index.ts";

export interface Fused {
  readonly node: GraphNode;
  /** New constants. */
  readonly constants?: Readonly<Record<string, Tensor>>;
}

/** What replaces the node, the last of a pattern; null if it is not. */
export type Fusion = (node: GraphNode, index: GraphIndex) => Fused | null;

export function applyFusion(graph: Graph, fusion: Fusion): Graph {
  const index = new GraphIndex(graph);
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.map((node) => {
    const fused = fusion(node, index);
    if (!fused) return node;
    for (const [name, constant] of Object.entries(fused.constants ?? {})) constants.set(name, constant);
    return fused.node;
  });
  return withoutDeadCode({ ...graph, nodes, constants });
}
