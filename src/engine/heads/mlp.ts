// A head with one hidden layer, relu(x·W1 + b1)·W2 + b2, for data that a linear head cannot separate. Not convex: a seed
// decides the start and the order of the rows.
import { paddedDims } from "../../tensor/features.ts";
import { addMlpLossGradient, type MlpWeights, mlpOutputs, trainMlpBlock } from "../../tensor/mlp.ts";
import { SLAB, slabsOf } from "../../tensor/products.ts";
import { type SeededRandom, seededRandom } from "../data/seeded-random.ts";
import type { HeadKind, HeadShape, HeadWeights, LayerWeights } from "./kind.ts";
import { fromSlabs, toSlabs, unpadRows } from "./slabs.ts";

/** End offsets of the parts of the parameter vector. */
function layout({ dims, hidden, outputs }: HeadShape) {
  const units = paddedDims(hidden);
  const width = slabsOf(outputs) * SLAB;
  const w1 = paddedDims(dims) * units;
  const w2 = w1 + units * width;
  return { w1, w2, b1: w2 + units, b2: w2 + units + width };
}

/** Rows per output, and in total, from which on a hidden layer can find more than a linear head. */
const ROWS_FOR_HIDDEN = { perOutput: 500, atLeast: 2_000 };

export const mlp: HeadKind = {
  solver: "epochs",
  hasHidden: true,
  hasClosedForm: false,
  rowsForAuto: (outputs) => Math.max(ROWS_FOR_HIDDEN.atLeast, ROWS_FOR_HIDDEN.perOutput * outputs),
  sparseWork: 1,
  size: (shape) => layout(shape).b2,
  init,
  regularised: (shape) => layout(shape).w2,
  forward: (shape, parameters, x) => unpadRows(mlpOutputs(x, mlpWeights(shape, parameters)), x.rows, shape.outputs),
  forwardRaw: () => null,
  addLossGradient: (shape, parameters, x, task, gradient) =>
    addMlpLossGradient(x, task, mlpWeights(shape, parameters), gradient),
  work: (shape, rows) => rows * (2 * layout(shape).w2 + 30 * slabsOf(shape.outputs) * SLAB),
  addCurvature: null,
  takeSteps: ({ shape, x, task }, parameters, moments, settings) =>
    trainMlpBlock(x, task, mlpWeights(shape, parameters), moments, settings),
  encode,
  decode,
};

/** The parameters in the form that kernels take. */
export const mlpWeights = ({ dims, hidden, outputs }: HeadShape, parameters: Float32Array): MlpWeights => ({
  dims: paddedDims(dims),
  hidden: paddedDims(hidden),
  outputs,
  parameters,
});

/** He et al. 2015, uniform distribution: it needs no logarithm or cosine, which may round differently on different machines. */
function init(shape: HeadShape, seed: number): Float32Array {
  const random = seededRandom(seed);
  const { dims, hidden, outputs } = shape;
  return decode(shape, [drawn(random, dims, hidden), drawn(random, hidden, outputs)]);
}

function drawn(random: SeededRandom, inputs: number, outputs: number): LayerWeights {
  const reach = Math.sqrt(6 / inputs);
  const weights = Float32Array.from({ length: inputs * outputs }, () => reach * (2 * random.uniform() - 1));
  return { weights, bias: new Float32Array(outputs) };
}

function encode(shape: HeadShape, parameters: Float32Array): HeadWeights {
  const { dims, hidden, outputs } = shape;
  const { w1, w2, b1 } = layout(shape);
  return [
    { weights: fromSlabs(parameters.subarray(0, w1), dims, hidden), bias: parameters.slice(w2, w2 + hidden) },
    { weights: fromSlabs(parameters.subarray(w1, w2), hidden, outputs), bias: parameters.slice(b1, b1 + outputs) },
  ];
}

function decode(shape: HeadShape, [first, second]: HeadWeights): Float32Array {
  const { dims, hidden, outputs } = shape;
  const { w1, w2, b1 } = layout(shape);
  if (!first || !second) throw new Error("A head with a hidden layer has two layers");
  const parameters = new Float32Array(mlp.size(shape));
  parameters.set(toSlabs(first.weights, dims, hidden));
  parameters.set(toSlabs(second.weights, hidden, outputs), w1);
  parameters.set(first.bias, w2);
  parameters.set(second.bias, b1);
  return parameters;
}
