// Rounds the weights of all products of a graph to int8.
import { isProduct } from "../bundle/formats.ts";
import { decodeWeight, encodeWeight } from "../bundle/weight-formats.ts";
import { type Graph, type GraphNode, inputOf } from "../graph.ts";
import { kernelMatrix, kernelOf } from "../lower/weights.ts";
import { largest, type Tensor } from "../tensor.ts";
import { roundWithFeedback } from "./error-feedback.ts";
import type { Sample } from "./measure.ts";
import { collectRows } from "./product-rows.ts";

const WEIGHT = 2;

/** The same nodes in the same order. Their formats keep the rounded weights as they are. */
export function roundedGraph(graph: Graph, samples: readonly Sample[]): Graph {
  const products = graph.nodes.filter(({ op }) => isProduct(op));
  const rows = collectRows(graph, products, samples);
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.map((node): GraphNode => {
    if (!isProduct(node.op)) return node;
    const weight = constants.get(inputOf(node, WEIGHT)) as Tensor;
    const matrix = node.op === "conv" ? kernelMatrix(weight) : weight;
    const rounded = isKeptByInt8(matrix) ? matrix : roundWithFeedback(matrix, rows.get(node.name) ?? []);
    const name = `${node.name}/rounded weight`;
    constants.set(name, node.op === "conv" ? kernelOf(rounded, weight.shape) : rounded);
    return { ...node, inputs: node.inputs.map((input, at) => (at === WEIGHT ? name : input)) };
  });
  return { ...graph, nodes, constants };
}

/** Whether the weights were int8 before: then there is nothing to round. */
function isKeptByInt8(matrix: Tensor): boolean {
  const { data } = decodeWeight("int8-panels", encodeWeight("int8-panels", matrix), matrix.shape);
  const most = largest(matrix.data, Math.abs);
  return data.every((value: number, at: number) => Math.abs(value - (matrix.data[at] as number)) <= 1e-6 * most);
}
