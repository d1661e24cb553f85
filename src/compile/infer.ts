// What is known of every value of a graph before it runs: types and shapes, with the names of sizes that the input decides.
import { CompileError } from "./compile-error.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { placeOf } from "./operations/attributes.ts";
import { type Facts, factsOf, type OperationSpec } from "./operations/operation.ts";
import { OPERATIONS, operationOf } from "./operations/registry.ts";

export type KnownFacts = ReadonlyMap<string, Facts>;

export function inferFacts(graph: Graph): KnownFacts {
  const known = new Map<string, Facts>();
  for (const { name, shape, type } of graph.inputs) known.set(name, factsOf(shape, type));
  for (const [name, constant] of graph.constants)
    known.set(name, { type: constant.type, shape: constant.shape, constant });
  for (const node of graph.nodes) {
    const outputs = specOf(node).infer(
      node,
      node.inputs.map((name) => known.get(name)),
    );
    node.outputs.forEach((name, at) => {
      const facts = outputs[at];
      if (facts) known.set(name, facts);
    });
  }
  return known;
}

export function specOf(node: GraphNode): OperationSpec {
  const spec = operationOf(node.op);
  if (spec) return spec;
  throw new CompileError(
    placeOf(node),
    `this operation is not covered; covered: ${Object.keys(OPERATIONS).join(", ")}`,
  );
}
