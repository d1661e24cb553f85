// The linear softmax head, logits = x·W + b, with loss and gradient in closed form. Convex: one optimum, whatever the start.
import {
  addCrossEntropyGradient,
  type FeatureTensor,
  linearLogits,
  paddedDims,
  SLAB,
  type SlabWeights,
  slabIndex,
  slabsOf,
} from "../../tensor/products.ts";
import type { HeadKind, HeadShape, HeadWeights } from "./kind.ts";

const biasLength = ({ classes }: HeadShape): number => slabsOf(classes) * SLAB;
const weightLength = (shape: HeadShape): number => biasLength(shape) * paddedDims(shape.dims);

export const linear: HeadKind = {
  size: (shape) => weightLength(shape) + biasLength(shape),
  init: (shape) => new Float32Array(linear.size(shape)),
  regularised: weightLength,
  forward,
  addLossGradient,
  // Beside the product, a softmax costs about thirty operations a class: most of the work where dimensions are few.
  work: (shape, rows) => rows * (2 * weightLength(shape) + 30 * biasLength(shape)),
  encode,
  decode,
};

function split(shape: HeadShape, parameters: Float32Array): SlabWeights {
  const at = weightLength(shape);
  const dims = paddedDims(shape.dims);
  return { dims, classes: shape.classes, weights: parameters.subarray(0, at), bias: parameters.subarray(at) };
}

function forward(shape: HeadShape, parameters: Float32Array, x: FeatureTensor): Float32Array {
  const padded = linearLogits(x, split(shape, parameters));
  const width = biasLength(shape);
  const logits = new Float32Array(x.rows * shape.classes);
  for (let r = 0; r < x.rows; r++) {
    logits.set(padded.subarray(r * width, r * width + shape.classes), r * shape.classes);
  }
  return logits;
}

function addLossGradient(...[shape, parameters, x, labels, gradient]: Parameters<HeadKind["addLossGradient"]>): number {
  return addCrossEntropyGradient(x, labels, split(shape, parameters), gradient);
}

function encode(shape: HeadShape, parameters: Float32Array): HeadWeights {
  const { dims, classes } = shape;
  const slabs = split(shape, parameters);
  const weights = new Float32Array(dims * classes);
  for (let d = 0; d < dims; d++) {
    for (let k = 0; k < classes; k++) weights[d * classes + k] = slabs.weights[slabIndex(slabs.dims, d, k)] as number;
  }
  return { weights, bias: slabs.bias.slice(0, classes) };
}

function decode(shape: HeadShape, { weights, bias }: HeadWeights): Float32Array {
  const { dims, classes } = shape;
  const parameters = new Float32Array(linear.size(shape));
  const padded = paddedDims(dims);
  for (let d = 0; d < dims; d++) {
    for (let k = 0; k < classes; k++) parameters[slabIndex(padded, d, k)] = weights[d * classes + k] as number;
  }
  parameters.set(bias, weightLength(shape));
  return parameters;
}
