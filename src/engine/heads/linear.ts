// The linear head, x·W + b, with loss and gradient in closed form. Convex: one optimum, whatever the start.
import { addCurvature } from "../../tensor/curvature.ts";
import { type FeatureTensor, paddedDims } from "../../tensor/features.ts";
import { addLossGradient, linearLogits, SLAB, type SlabWeights, slabsOf } from "../../tensor/products.ts";
import { rowLogits } from "../../tensor/row-products.ts";
import type { HeadKind, HeadShape, HeadWeights } from "./kind.ts";
import { fromSlabs, toSlabs, unpadRows } from "./slabs.ts";

const biasLength = ({ outputs }: HeadShape): number => slabsOf(outputs) * SLAB;
const weightLength = (shape: HeadShape): number => biasLength(shape) * paddedDims(shape.dims);

export const linear: HeadKind = {
  solver: "path",
  hasHidden: false,
  hasClosedForm: true,
  rowsForAuto: () => 0,
  sparseWork: 0.25,
  size: (shape) => weightLength(shape) + biasLength(shape),
  init: (shape) => new Float32Array(linear.size(shape)),
  regularised: weightLength,
  forward: (shape, parameters, x: FeatureTensor) =>
    unpadRows(linearLogits(x, split(shape, parameters)), x.rows, shape.outputs),
  forwardRaw: rowLogits,
  addLossGradient: (shape, parameters, x, task, gradient, part) =>
    addLossGradient(x, task, split(shape, parameters), gradient, part),
  // Beside the product, a softmax costs about thirty operations per class: most of the work when dimensions are few.
  work: (shape, rows) => rows * (2 * weightLength(shape) + 30 * biasLength(shape)),
  addCurvature: (shape, parameters, x, task, sums) => addCurvature(x, task, split(shape, parameters), sums),
  takeSteps: null,
  encode,
  decode,
};

function split(shape: HeadShape, parameters: Float32Array): SlabWeights {
  const at = weightLength(shape);
  const dims = paddedDims(shape.dims);
  return { dims, outputs: shape.outputs, weights: parameters.subarray(0, at), bias: parameters.subarray(at) };
}

function encode(shape: HeadShape, parameters: Float32Array): HeadWeights {
  const { weights, bias } = split(shape, parameters);
  return [{ weights: fromSlabs(weights, shape.dims, shape.outputs), bias: bias.slice(0, shape.outputs) }];
}

function decode(shape: HeadShape, [layer]: HeadWeights): Float32Array {
  const parameters = new Float32Array(linear.size(shape));
  if (!layer) throw new Error("A linear head has one layer");
  parameters.set(toSlabs(layer.weights, shape.dims, shape.outputs));
  parameters.set(layer.bias, weightLength(shape));
  return parameters;
}
