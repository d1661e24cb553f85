// What is known of a linear head's curvature before any step: the loss in a logit times how features vary, by their Gram
// matrix where its inverse is at hand, or by each dimension's variance.
import { release } from "../../core/release.ts";
import { matrixTensor, matrixTimesSlabs } from "../../tensor/products.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { aboutMeans, inverseTimes, stretchOf } from "../diagonal.ts";
import { gramDims, type Plan } from "../plan.ts";
import type { Curvature } from "../quasi-newton.ts";

/** The mean curvature of the loss in a logit, for outputs that are as likely as one another: as every fit begins. */
const startingCurvature = ({ task, labels }: Plan): number =>
  task === "regression" ? 1 : task === "multilabel" ? 0.1 : 1 / Math.max(2, labels.length);

/** Of the curvature that a softmax starts from, what is left of it once most rows are decided: where a fit spends its steps. */
const LEFT_OF_SOFTMAX = 0.25;

/** What Xᵀ·X is multiplied with. */
export const curvatureScale = (plan: Plan): number =>
  (plan.task === "classification" ? LEFT_OF_SOFTMAX : 1) * startingCurvature(plan);

/** The share of a first step that fits the curvature at the start, where all of it is still there. */
export const firstStep = ({ task }: Plan): number => (task === "classification" ? 0.8 * LEFT_OF_SOFTMAX : 1);

/** The first curvature at hand of an objective with so much l2, as the optimiser asks for it. */
export function curvatureOf(state: Checkpoint, l2: number): Curvature {
  const { curvature, diagonal, plan, warm } = state;
  if (curvature) return gramCurvature(state, curvature);
  if (diagonal) return (gradient) => inverseTimes(diagonal, l2, gradient);
  return warm ? meanCurvature(plan, l2) : null;
}

/** By the matrix; where the diagonal was measured, about the means that each output sees, stretched to how it sees dimensions vary. */
function gramCurvature(state: Checkpoint, { matrix, l2 }: NonNullable<Checkpoint["curvature"]>): Curvature {
  const { plan, gram, diagonal } = state;
  const [dims, scale] = [gramDims(plan), curvatureScale(plan)];
  if (!gram || !diagonal) return (gradient) => evenly(matrix, dims, scale, gradient);
  const stretch = stretchOf(diagonal, diagonalOfGram(gram, dims, scale), l2);
  return (gradient) =>
    aboutMeans(diagonal, gradient, (weights) => {
      multiply(weights, stretch);
      replace(weights, times(matrix, weights));
      multiply(weights, stretch);
    });
}

/** The weights' part by the matrix, the biases' by one scale. */
function evenly(matrix: Float32Array, dims: number, scale: number, gradient: Float32Array): Float32Array {
  const step = gradient.slice();
  const weights = step.subarray(0, (step.length / (dims + 1)) * dims);
  replace(weights, times(matrix, weights));
  for (let i = weights.length; i < step.length; i++) step[i] = (step[i] as number) * (1 / scale);
  return step;
}

function replace(values: Float32Array, by: Float32Array): void {
  values.set(by);
  release(by);
}

const diagonalOfGram = (gram: Float64Array, dims: number, scale: number): Float64Array =>
  Float64Array.from({ length: dims }, (_, d) => scale * (gram[d * dims + d] as number));

/** In place, and in a loop: closures would be felt between two passes. */
function multiply(values: Float32Array, factors: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (factors[i] as number);
}

function times(matrix: Float32Array, weights: Float32Array): Float32Array {
  const tensor = matrixTensor(matrix);
  try {
    return matrixTimesSlabs(tensor, weights);
  } finally {
    tensor.dispose();
  }
}

/** Near an optimum the gradient is short, and a step of one unit far too long: what scaled features vary by, on average. */
function meanCurvature(plan: Plan, l2: number): Curvature {
  const length = 1 / (startingCurvature(plan) + l2);
  return (gradient) => gradient.map((value) => length * value);
}
