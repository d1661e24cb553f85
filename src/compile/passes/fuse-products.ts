// Products and convolutions with constant weights, and the scales and shifts of their outputs.
import { type GraphNode, inputOf } from "../graph.ts";
import { numberAttribute } from "../operations/attributes.ts";
import { numericDim, windowOf } from "../operations/windows.ts";
import { countOf, floats, type Tensor, transposed } from "../tensor.ts";
import type { Fused, Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";

/** MatMul or Gemm with a constant matrix. */
export const fuseLinear: Fusion = (node, index) => {
  const [x, weightName, biasName] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)];
  const weight = index.constantOf(weightName);
  if (!["MatMul", "Gemm"].includes(node.op) || weight?.shape.length !== 2) return null;
  const isTurned = node.op === "Gemm" && numberAttribute(node, "transB", 0) === 1;
  const isPlain = [numberAttribute(node, "alpha", 1), numberAttribute(node, "beta", 1)].every((value) => value === 1);
  const bias = index.constantOf(biasName);
  if (!isPlain || numberAttribute(node, "transA", 0) === 1 || (biasName !== "" && !bias)) return null;
  const matrix = isTurned ? transposed(weight) : weight;
  const outputs = matrix.shape[1] as number;
  return linearNode(node, x, matrix, bias ? widened(bias, outputs) : floats([outputs]));
};

export function linearNode({ name, outputs }: GraphNode, x: string, weight: Tensor, bias: Tensor): Fused {
  const [weightName, biasName] = [`${name}/weight`, `${name}/bias`];
  const node = {
    op: "linear",
    name,
    inputs: [x, "", weightName, biasName],
    outputs,
    attributes: { activation: "none" },
  };
  return { node, constants: { [weightName]: weight, [biasName]: bias } };
}

/** One number for all outputs, or one for each. */
const widened = ({ data }: Tensor, count: number): Tensor =>
  floats([count], data.length === 1 ? new Float32Array(count).fill(data[0] as number) : Float32Array.from(data));

/** Conv with all channels, or one channel for each output. Zeros that Pad puts around the image become its own. */
export const fuseConvolution: Fusion = (node, index) => {
  if (node.op !== "Conv") return null;
  const weight = index.constantOf(inputOf(node, 1));
  const groups = numberAttribute(node, "group", 1);
  const { x, pads } = paddedBy(inputOf(node, 0), index);
  if (weight?.shape.length !== 4) return null;
  const [outputs = 0, channels = 0, height = 0, width = 0] = weight.shape;
  const isDepthwise = groups > 1 && groups === outputs && channels === 1;
  if (groups !== 1 && !isDepthwise) return null;
  const window = windowOf(node, [height, width], index.shapeOf(inputOf(node, 0)));
  const sums = window.pads.map((own, side) => own + (pads[side] as number));
  const bias = inputOf(node, 2) === "" ? floats([outputs]) : index.constantOf(inputOf(node, 2));
  if (!bias) return null;
  const [weightName, biasName] = [`${node.name}/weight`, `${node.name}/bias`];
  const fused: GraphNode = {
    op: isDepthwise ? "depthwise" : "conv",
    name: node.name,
    inputs: isDepthwise ? [x, weightName, biasName] : [x, "", weightName, biasName],
    outputs: node.outputs,
    attributes: {
      activation: "none",
      kernel: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: sums,
    },
  };
  return { node: fused, constants: { [weightName]: weight, [biasName]: bias } };
};

/** The image before a Pad with zeros, and [top, left, bottom, right]. */
function paddedBy(name: string, index: GraphIndex): { readonly x: string; readonly pads: readonly number[] } {
  const none = { x: name, pads: [0, 0, 0, 0] };
  const node = index.makerOf(name, "Pad");
  if (!node || (node.attributes.mode ?? "constant") !== "constant") return none;
  const given = index.constantOf(inputOf(node, 1));
  const pads = given ? Array.from(given.data) : (node.attributes.pads as readonly number[] | undefined);
  const filling = inputOf(node, 2) === "" ? Number(node.attributes.value ?? 0) : index.uniformOf(inputOf(node, 2));
  if (pads?.length !== 8 || filling !== 0) return none;
  const [batch, channels, top = 0, left = 0, batchEnd, channelsEnd, bottom = 0, right = 0] = pads;
  const isAround = [batch, channels, batchEnd, channelsEnd].every((pad) => pad === 0);
  return isAround ? { x: inputOf(node, 0), pads: [top, left, bottom, right] } : none;
}

/** What an operation does to each channel of its input. */
interface Affine {
  readonly x: string;
  readonly scale: Float32Array | null;
  readonly shift: Float32Array | null;
}

const WEIGHT_PLACES: Readonly<Record<string, number>> = { linear: 2, conv: 2, depthwise: 1 };

/** BatchNormalization, or a product or a sum with constants, after a product whose output no other node reads. */
export const fuseAffine: Fusion = (node, index) => {
  const affine = affineOf(node, index);
  if (!affine) return null;
  const product = index.makerOf(affine.x, ...Object.keys(WEIGHT_PLACES));
  if (!product) return node.op === "BatchNormalization" ? depthwiseOf(node, affine, index) : null;
  const at = WEIGHT_PLACES[product.op] as number;
  const isTaken = product.attributes.activation !== "none" || (at === 2 && inputOf(product, 1) !== "");
  if (isTaken || !index.hasOneReader(affine.x)) return null;
  const [weight, bias] = [at, at + 1].map((place) => index.constantOf(inputOf(product, place)));
  if (!weight || !bias) return null;
  const [weightName, biasName] = [`${node.name}/weight`, `${node.name}/bias`];
  const inputs = [...product.inputs.slice(0, at), weightName, biasName];
  const constants = {
    [weightName]: affine.scale ? scaledOutputs(product.op, weight, affine.scale) : weight,
    [biasName]: floats(bias.shape, shifted(bias, affine)),
  };
  return { node: { ...product, inputs, outputs: node.outputs }, constants };
};

const shifted = ({ data }: Tensor, { scale, shift }: Affine): Float32Array =>
  Float32Array.from(data, (value, at) => value * (scale?.[at] ?? 1) + (shift?.[at] ?? 0));

function scaledOutputs(op: string, { shape, data }: Tensor, scale: Float32Array): Tensor {
  const outputs = scale.length;
  const perOutput = data.length / outputs;
  const outputOf = (at: number): number => (op === "linear" ? at % outputs : Math.floor(at / perOutput));
  return floats(
    shape,
    Float32Array.from(data, (value, at) => value * (scale[outputOf(at)] as number)),
  );
}

function affineOf(node: GraphNode, index: GraphIndex): Affine | null {
  if (node.op === "BatchNormalization") return normalization(node, index);
  if (node.op !== "Add" && node.op !== "Mul") return null;
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  const [x, name] = index.constantOf(a) ? [b, a] : [a, b];
  const constant = index.constantOf(name);
  const numbers = constant && channelNumbers(x, constant, index);
  if (!numbers) return null;
  return node.op === "Add" ? { x, scale: null, shift: numbers } : { x, scale: numbers, shift: null };
}

function normalization(node: GraphNode, index: GraphIndex): Affine | null {
  const constants = [1, 2, 3, 4].map((at) => index.constantOf(inputOf(node, at))?.data);
  const [gamma, beta, mean, variance] = constants;
  if (!gamma || !beta || !mean || !variance) return null;
  const epsilon = numberAttribute(node, "epsilon", 1e-5);
  const scale = Float32Array.from(gamma, (value, at) => value / Math.sqrt((variance[at] as number) + epsilon));
  const shift = Float32Array.from(beta, (value, at) => value - (mean[at] as number) * (scale[at] as number));
  return { x: inputOf(node, 0), scale, shift };
}

/** The constant as one number for each channel of x; null if it is broadcast otherwise. */
function channelNumbers(x: string, { shape, data }: Tensor, index: GraphIndex): Float32Array | null {
  const isImage = index.shapeOf(x).length === 4;
  const rank = index.shapeOf(x).length;
  const channels = index.shapeOf(x)[isImage ? 1 : rank - 1];
  if (typeof channels !== "number" || shape.length > rank) return null;
  if (countOf(shape) === 1) return new Float32Array(channels).fill(data[0] as number);
  const own = shape[isImage ? shape.length - 3 : shape.length - 1];
  return own === channels && data.length === channels ? Float32Array.from(data) : null;
}

/** Of an image that no product made: a window of one pixel. */
function depthwiseOf(node: GraphNode, { x, scale, shift }: Affine, index: GraphIndex): Fused | null {
  const shape = index.shapeOf(x);
  if (shape.length !== 4 || !scale || !shift) return null;
  const channels = numericDim(node, shape[1]);
  const [weightName, biasName] = [`${node.name}/weight`, `${node.name}/bias`];
  const attributes = { activation: "none", kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const inputs = [x, weightName, biasName];
  return {
    node: { op: "depthwise", name: node.name, inputs, outputs: node.outputs, attributes },
    constants: { [weightName]: floats([channels, 1, 1, 1], scale), [biasName]: floats([channels], shift) },
  };
}
