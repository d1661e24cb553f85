// Sums, products and activations: on their own, and as part of the operation before or after them.
import { isSameShape } from "../dims.ts";
import { type GraphNode, inputOf, outputOf } from "../graph.ts";
import type { Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";

const PAIRS: Readonly<Record<string, string>> = { Add: "add", Mul: "multiply" };

/** Of two values: of the same shape, or the second with one number for each channel of the first. */
export const fusePair: Fusion = (node, index) => {
  const op = PAIRS[node.op];
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  if (op === undefined || index.constantOf(a) || index.constantOf(b)) return null;
  const [larger, smaller] = fits(a, b, index) ? [a, b] : [b, a];
  if (!fits(larger, smaller, index)) return null;
  const { name, outputs } = node;
  return { node: { op, name, inputs: [larger, smaller], outputs, attributes: { activation: "none" } } };
};

function fits(a: string, b: string, index: GraphIndex): boolean {
  const [large, small] = [index.shapeOf(a), index.shapeOf(b)];
  if (isSameShape(large, small)) return true;
  const isPlane = small.length === 4 && small[2] === 1 && small[3] === 1;
  const [batch, channels] = small;
  return large.length === 4 && (isPlane || small.length === 2) && batch === large[0] && channels === large[1];
}

const ACTIVATED: readonly string[] = ["linear", "conv", "depthwise", "add", "multiply"];
const WITH_RESIDUAL: readonly string[] = ["linear", "conv"];

const hasResidual = (node: GraphNode): boolean => WITH_RESIDUAL.includes(node.op) && inputOf(node, 1) !== "";

/** An activation becomes part of the operation whose result it takes. */
export const fuseActivation: Fusion = (node, index) => {
  const made = node.op === "activation" ? index.makerOf(inputOf(node, 0), ...ACTIVATED) : undefined;
  if (made?.attributes.activation !== "none" || hasResidual(made)) return null;
  if (!index.hasOneReader(inputOf(node, 0))) return null;
  const attributes = { ...made.attributes, activation: node.attributes.activation ?? "none" };
  return { node: { ...made, outputs: node.outputs, attributes } };
};

const isPlainSum = (node: GraphNode | undefined): node is GraphNode =>
  node?.op === "add" && node.attributes.activation === "none";

/** A layer-norm adds what a sum before it would. */
export const fuseNormResidual: Fusion = (node, index) => {
  if (node.op !== "layer-norm" || inputOf(node, 1) !== "") return null;
  const sum = index.makerOf(inputOf(node, 0));
  if (!isPlainSum(sum) || !index.hasOneReader(outputOf(sum))) return null;
  const [x, residual] = ownFirst(sum, index);
  return { node: { ...node, inputs: [x, residual, ...node.inputs.slice(2)] } };
};

/** A product adds what a sum after it would. */
export const fuseResidual: Fusion = (node, index) => {
  if (!isPlainSum(node)) return null;
  const [x, residual] = ownFirst(node, index);
  const product = index.makerOf(x, ...WITH_RESIDUAL);
  if (!product || hasResidual(product) || !index.hasOneReader(x)) return null;
  if (!isSameShape(index.shapeOf(x), index.shapeOf(residual))) return null;
  const inputs = [inputOf(product, 0), residual, ...product.inputs.slice(2)];
  return { node: { ...product, inputs, outputs: node.outputs } };
};

/** Of the two parts of a sum, first the one that only the sum reads. */
function ownFirst(sum: GraphNode, index: GraphIndex): [string, string] {
  const [a, b] = [inputOf(sum, 0), inputOf(sum, 1)];
  const isOwn = (name: string): boolean =>
    index.hasOneReader(name) && index.makerOf(name, ...WITH_RESIDUAL) !== undefined;
  return isOwn(a) || !isOwn(b) ? [a, b] : [b, a];
}
