// Layer-norms: ONNX's operation, or the pieces that older exporters write.
import { type GraphNode, inputOf, outputOf } from "../graph.ts";
import { numberAttribute } from "../operations/attributes.ts";
import { countOf, floats } from "../tensor.ts";
import type { Fused, Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";

export const fuseLayerNorm: Fusion = (node, index) => {
  if (node.op !== "LayerNormalization") return fusePieces(node, index);
  const [x, gamma, beta] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)];
  const rank = index.shapeOf(x).length;
  const axis = numberAttribute(node, "axis", -1);
  if ((axis !== -1 && axis !== rank - 1) || !index.constantOf(gamma)) return null;
  return layerNorm(node, index, x, gamma, beta, numberAttribute(node, "epsilon", 1e-5));
};

/** An absent beta becomes zeros. */
function layerNorm(node: GraphNode, index: GraphIndex, x: string, gamma: string, beta: string, epsilon: number): Fused {
  const width = countOf(index.constantOf(gamma)?.shape ?? []);
  const zeros = `${node.name}/beta`;
  const inputs = [x, "", gamma, beta === "" ? zeros : beta];
  const fused = { op: "layer-norm", name: node.name, inputs, outputs: node.outputs, attributes: { epsilon } };
  return beta === "" ? { node: fused, constants: { [zeros]: floats([width]) } } : { node: fused };
}

/** Of a commutative operation: the input that is a constant, and the other. */
export function withConstant(
  node: GraphNode,
  index: GraphIndex,
): { readonly constant: string; readonly other: string } | null {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  if (index.constantOf(b)) return { constant: b, other: a };
  return index.constantOf(a) ? { constant: a, other: b } : null;
}

/** Add(Mul(Div(centred, Sqrt(Add(variance, epsilon))), gamma), beta) */
function fusePieces(node: GraphNode, index: GraphIndex): Fused | null {
  if (node.op !== "Add") return null;
  const shifted = withConstant(node, index);
  const product = shifted && index.makerOf(shifted.other, "Mul");
  const scaled = product && withConstant(product, index);
  const quotient = scaled && index.makerOf(scaled.other, "Div");
  if (!quotient) return null;
  const centred = centredOf(inputOf(quotient, 0), index);
  const root = index.makerOf(inputOf(quotient, 1), "Sqrt");
  const sum = root && index.makerOf(inputOf(root, 0), "Add");
  const offset = sum && withConstant(sum, index);
  const variance = offset && index.makerOf(offset.other, "ReduceMean");
  if (!centred || !variance || !isLastAxis(variance, index)) return null;
  if (!isSquareOf(inputOf(variance, 0), inputOf(quotient, 0), index)) return null;
  const epsilon = index.uniformOf(offset.constant);
  const width = index.shapeOf(centred).at(-1);
  const isFull = [scaled.constant, shifted.constant].every((name) => index.shapeOf(name).join() === String(width));
  if (epsilon === null || !isFull) return null;
  return layerNorm(node, index, centred, scaled.constant, shifted.constant, epsilon);
}

/** x of Sub(x, ReduceMean(x)) */
function centredOf(name: string, index: GraphIndex): string | null {
  const difference = index.makerOf(name, "Sub");
  const mean = difference && index.makerOf(inputOf(difference, 1), "ReduceMean");
  const isCentred = mean && isLastAxis(mean, index) && inputOf(mean, 0) === inputOf(difference, 0);
  return isCentred ? inputOf(difference, 0) : null;
}

function isLastAxis(mean: GraphNode, index: GraphIndex): boolean {
  const rank = index.shapeOf(inputOf(mean, 0)).length;
  const given = index.constantOf(inputOf(mean, 1));
  const axes = given ? Array.from(given.data) : (mean.attributes.axes as readonly number[] | undefined);
  const [axis] = axes ?? [];
  return axes?.length === 1 && (axis === -1 || axis === rank - 1) && index.shapeOf(outputOf(mean)).at(-1) === 1;
}

function isSquareOf(name: string, of: string, index: GraphIndex): boolean {
  const power = index.makerOf(name, "Pow");
  if (power) return isSameCentred(inputOf(power, 0), of, index) && index.uniformOf(inputOf(power, 1)) === 2;
  const product = index.makerOf(name, "Mul");
  return product?.inputs.every((input) => isSameCentred(input, of, index)) ?? false;
}

/** Some exporters subtract the mean twice. */
const isSameCentred = (a: string, b: string, index: GraphIndex): boolean =>
  a === b || (centredOf(a, index) !== null && centredOf(a, index) === centredOf(b, index));
