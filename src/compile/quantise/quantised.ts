// The graph as the Worker will run it: weights as their formats keep them, and the rows that meet int8 weights in 16 bits.

import { type Formats, formatOf } from "../bundle/formats.ts";
import { decodeWeight, encodeWeight } from "../bundle/weight-formats.ts";
import { FUSED_INPUTS, type FusedName, type Graph, type GraphNode, inputOf, isFused } from "../graph.ts";
import { kernelMatrix, kernelOf } from "../lower/weights.ts";
import type { Tensor } from "../tensor.ts";

export function quantisedGraph(graph: Graph, formats: Formats): Graph {
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.map((node) => (isFused(node.op) ? quantisedNode(node, node.op, formats, constants) : node));
  return { ...graph, nodes, constants };
}

function quantisedNode(node: GraphNode, op: FusedName, formats: Formats, constants: Map<string, Tensor>): GraphNode {
  const { values, weights } = FUSED_INPUTS[op];
  const inputs = [...node.inputs];
  let limit = 0;
  weights.forEach((role, weight) => {
    const at = values.length + weight;
    const tensor = constants.get(inputOf(node, at));
    if (!tensor) return;
    const matrix = op === "conv" && role === "weight" ? kernelMatrix(tensor) : tensor;
    const format = formatOf({ op, name: node.name, width: matrix.shape[1] ?? 0 }, role.replace("?", ""), formats);
    if (format === "f32" || format.startsWith("f32")) return;
    if (format === "int8-panels") limit = activationLimit(matrix.shape[0] as number);
    const decoded = decodeWeight(format, encodeWeight(format, matrix), matrix.shape);
    const own = `${node.name}/quantised ${role}`;
    constants.set(own, matrix === tensor ? decoded : kernelOf(decoded, tensor.shape));
    inputs[at] = own;
  });
  return { ...node, inputs, attributes: limit > 0 ? { ...node.attributes, activationLimit: limit } : node.attributes };
}

const MOST_INT16 = 32_767;
const MOST_INT8 = 127;

/** With numbers up to it, the sum of `inputs` products with int8 fits 32 bits. */
const activationLimit = (inputs: number): number =>
  Math.min(MOST_INT16, Math.floor((2 ** 31 - 1) / (MOST_INT8 * inputs)));
