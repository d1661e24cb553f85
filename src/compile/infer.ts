// What is known of every value of a graph before it runs: types and shapes, with the names of sizes that the input decides. What
// depends on constants alone is computed.
import { CompileError } from "./compile-error.ts";
import type { Graph, GraphInput, GraphNode } from "./graph.ts";
import { nearestForm } from "./nearest-form.ts";
import { placeOf } from "./operations/attributes.ts";
import { constantFacts, type Facts, type Inputs, type OperationSpec, uniformFacts } from "./operations/operation.ts";
import { operationOf } from "./operations/registry.ts";
import type { Tensor } from "./tensor.ts";

export type KnownFacts = ReadonlyMap<string, Facts>;

export function inferFacts(graph: Graph): KnownFacts {
  const known = new Map<string, Facts>();
  for (const input of graph.inputs) known.set(input.name, inputFacts(input));
  for (const [name, constant] of graph.constants) known.set(name, constantFacts(constant));
  for (const node of graph.nodes) {
    const outputs = nodeFacts(
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

function inputFacts({ type, shape, assumed }: GraphInput): Facts {
  if (assumed === undefined) return { type, shape };
  return assumed === "places" ? { type, shape, counting: 0 } : uniformFacts(shape, type, assumed);
}

function nodeFacts(node: GraphNode, inputs: Inputs<Facts>): readonly Facts[] {
  const spec = specOf(node);
  const isConstant = inputs.every((facts, at) => facts?.constant || node.inputs[at] === "");
  if (!isConstant || inputs.length === 0) return spec.infer(node, inputs);
  const constants: Inputs<Tensor> = inputs.map((facts) => facts?.constant);
  return spec.run(node, constants).map(constantFacts);
}

export function specOf(node: GraphNode): OperationSpec {
  const spec = operationOf(node.op);
  if (spec) return spec;
  throw new CompileError(
    placeOf(node),
    `this operation is not covered; ${attributesOf(node)}. ${nearestForm(node.op)}`,
  );
}

/** The attributes of a node as a text for an error. */
export function attributesOf({ attributes }: GraphNode): string {
  const entries = Object.entries(attributes).map(
    ([name, value]) => `${name} = ${JSON.stringify(value)?.slice(0, 100)}`,
  );
  return entries.length > 0 ? `its attributes: ${entries.join(", ")}` : "it has no attributes";
}
