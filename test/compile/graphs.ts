// Graphs for the tests of the compiler: from a few nodes, run before and after a pass.
import { expect } from "vitest";
import type { Attributes, Dim, Graph, GraphNode } from "../../src/compile/graph.ts";
import { trialShape } from "../../src/compile/passes/movement-chain.ts";
import { runGraph } from "../../src/compile/run.ts";
import { countOf, floats, integers, type Tensor } from "../../src/compile/tensor.ts";
import { seededRandom } from "../support/random.ts";

export interface GraphSketch {
  /** Numbers [batch, …], except `ids`, which are integers. */
  readonly inputs: Readonly<Record<string, readonly Dim[]>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly GraphNode[];
  readonly output: string;
}

/** A node whose name is that of its output. */
export const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): GraphNode => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  attributes,
});

export const graphOf = ({ inputs, constants = {}, nodes, output }: GraphSketch): Graph => ({
  inputs: Object.entries(inputs).map(([name, shape]) => ({ name, type: name === "ids" ? "int" : "f32", shape })),
  outputs: [output],
  nodes,
  constants: new Map(Object.entries(constants)),
});

const random = seededRandom(7);

export const noise = (...shape: number[]): Tensor =>
  floats(
    shape,
    Float32Array.from({ length: countOf(shape) }, () => 2 * random.next() - 1),
  );
export const scalar = (value: number): Tensor => floats([], Float32Array.of(value));
export const list = (...values: number[]): Tensor => integers([values.length], values);

/** Values for the inputs of a graph: a batch of two, sequences of three. */
export function trialInputs({ inputs }: Graph): Record<string, Tensor> {
  const values = inputs.map(({ name, type, shape }): [string, Tensor] => {
    const sizes = trialShape(shape);
    const ids = Array.from({ length: countOf(sizes) }, (_, at) => (at * 7) % 5);
    return [name, type === "int" ? integers(sizes, ids) : noise(...sizes)];
  });
  return Object.fromEntries(values);
}

/** Expects both graphs to compute the same output. */
export function expectSame(before: Graph, after: Graph, tolerance = 1e-5): void {
  const given = trialInputs(before);
  const [expected, found] = [before, after].map((graph) => runGraph(graph, given, graph.outputs)[0] as Tensor);
  expect(found?.data.length).toBe(expected?.data.length);
  const differences = Array.from(found?.data ?? [], (value, at) => Math.abs(value - (expected?.data[at] as number)));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}
