// Cuts off what a model decides, and keeps what it sees: the pooled layer below the classifier, or the states of all tokens.
import type { Pooling } from "../../contract/bundle/operations.ts";
import { type Graph, inputOf } from "../graph.ts";
import { withoutDeadCode } from "./dead-code.ts";
import { GraphIndex } from "./graph-index.ts";

export interface Features {
  readonly graph: Graph;
  /** How the output is pooled; null if the graph does not say. */
  readonly pooling: Pooling | null;
}

/** `kept`: as many outputs as stand at the end and are taps, whatever lies below them. */
export function cutClassifier(graph: Graph, kept: number): Features {
  const index = new GraphIndex(graph);
  const own = graph.outputs.slice(0, graph.outputs.length - kept);
  const tokens = own.find((name) => index.shapeOf(name).length === 3);
  if (tokens !== undefined) return withOutput(graph, tokens, kept, null);
  const row = belowDecision(own.at(-1) as string, index);
  const pool = index.makerOf(row, "pool");
  return pool
    ? withOutput(graph, inputOf(pool, 0), kept, pool.attributes.kind as Pooling)
    : withOutput(graph, row, kept, null);
}

const DECIDING: readonly string[] = ["linear", "Softmax", "activation"];

/** The row that the last products are made of. */
function belowDecision(name: string, index: GraphIndex): string {
  const node = index.makerOf(name, ...DECIDING);
  return node && index.shapeOf(inputOf(node, 0)).length === 2 ? belowDecision(inputOf(node, 0), index) : name;
}

function withOutput(graph: Graph, output: string, kept: number, pooling: Pooling | null): Features {
  const outputs = [output, ...graph.outputs.slice(graph.outputs.length - kept)];
  return { graph: withoutDeadCode({ ...graph, outputs }), pooling };
}
