// Pools of images. Once pooled, an image is a row: what follows works on [batch, channels].
import { isSameShape } from "../dims.ts";
import { type Attributes, type Graph, type GraphNode, inputOf, outputOf } from "../graph.ts";
import { windowOf } from "../operations/windows.ts";
import { floats, type Tensor, transposed } from "../tensor.ts";
import { withoutDeadCode } from "./dead-code.ts";
import { linearNode } from "./fuse-products.ts";
import type { Fused, Fusion } from "./fusion.ts";
import { GraphIndex } from "./graph-index.ts";

const WHOLE: Readonly<Record<string, string>> = {
  GlobalAveragePool: "mean",
  GlobalMaxPool: "max",
  ReduceMean: "mean",
  ReduceMax: "max",
};
const WINDOWED: Readonly<Record<string, string>> = { AveragePool: "mean", MaxPool: "max" };

export const fusePool: Fusion = (node, index) => {
  if (index.shapeOf(inputOf(node, 0)).length !== 4) return null;
  const windowed = WINDOWED[node.op];
  if (windowed !== undefined) return windowPool(node, windowed, index);
  const kind = WHOLE[node.op];
  const isWhole = node.op.startsWith("Global") || isOverImage(node, index);
  if (kind === undefined || !isWhole) return null;
  return poolNode(node, "pool", { kind, rank: index.shapeOf(outputOf(node)).length });
};

function windowPool(node: GraphNode, kind: string, index: GraphIndex): Fused {
  const window = windowOf(node, null, index.shapeOf(inputOf(node, 0)));
  const { kernel, strides, dilations, pads } = window;
  return poolNode(node, "window-pool", { kind, kernel, strides, dilations, pads });
}

const poolNode = ({ name, inputs, outputs }: GraphNode, op: string, attributes: Attributes): Fused => ({
  node: { op, name, inputs: inputs.slice(0, 1), outputs: outputs.slice(0, 1), attributes },
});

/** A reduction over height and width. */
function isOverImage(node: GraphNode, index: GraphIndex): boolean {
  const given = index.constantOf(inputOf(node, 1));
  const axes = given ? Array.from(given.data) : ((node.attributes.axes as readonly number[] | undefined) ?? []);
  return (
    axes
      .map((axis) => (axis < 0 ? axis + 4 : axis))
      .sort()
      .join() === "2,3"
  );
}

const VIEWS: readonly string[] = ["Flatten", "Reshape", "Squeeze", "Unsqueeze"];

/** Lets pools make [batch, channels], turns convolutions of one pixel into products, and drops what only changes the rank. */
export function poolsToRows(graph: Graph): Graph {
  const index = new GraphIndex(graph);
  const rows = new Map<string, string>();
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const x = rows.get(inputOf(node, 0));
    const isPool = node.op === "pool";
    if (!isPool && x === undefined) return [withRows(node, rows)];
    if (x !== undefined && VIEWS.includes(node.op)) {
      rows.set(outputOf(node), x);
      return [];
    }
    rows.set(outputOf(node), outputOf(node));
    if (isPool) return [{ ...node, attributes: { ...node.attributes, rank: 2 } }];
    const fused = node.op === "conv" ? productOfRow(node, x ?? "", index) : null;
    if (!fused) return [withRows(node, rows)];
    for (const [name, constant] of Object.entries(fused.constants ?? {})) constants.set(name, constant);
    return [fused.node];
  });
  const outputs = graph.outputs.map((name) => rows.get(name) ?? name);
  return withoutDeadCode({ ...graph, nodes, constants, outputs });
}

const withRows = (node: GraphNode, rows: ReadonlyMap<string, string>): GraphNode => ({
  ...node,
  inputs: node.inputs.map((name) => rows.get(name) ?? name),
});

/** A convolution of one pixel, as the product that it is. */
function productOfRow(node: GraphNode, x: string, index: GraphIndex): Fused | null {
  const [weight, bias] = [2, 3].map((at) => index.constantOf(inputOf(node, at)));
  const [, , height, width] = index.shapeOf(inputOf(node, 0));
  if (!weight || !bias || height !== 1 || width !== 1 || !isSameShape(weight.shape.slice(2), [1, 1])) return null;
  const [outputs = 0, channels = 0] = weight.shape;
  const matrix: Tensor = transposed(floats([outputs, channels], Float32Array.from(weight.data)));
  const fused = linearNode(node, x, matrix, bias);
  return { ...fused, node: { ...fused.node, attributes: { activation: node.attributes.activation ?? "none" } } };
}
