// The curvature of a linear head before any step: the loss's second derivative in a logit, times the variation of features,
// from the inverse of their Gram matrix if available, or from each dimension's variance.
import { release } from "../../core/release.ts";
import { matrixTensor, matrixTimesSlabs } from "../../tensor/products.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { aboutMeans, inverseTimes, stretchOf } from "../optimisers/diagonal.ts";
import type { Curvature } from "../optimisers/quasi-newton.ts";
import { gramDims, type Plan } from "../plan.ts";
import { TASK_KINDS } from "../tasks/registry.ts";

const startingCurvature = ({ task, labels }: Plan): number => TASK_KINDS[task].curvature.atStart(labels.length);

/** Factor of Xᵀ·X. */
export const curvatureScale = (plan: Plan): number => TASK_KINDS[plan.task].curvature.left * startingCurvature(plan);

/** The current initial curvature of an objective with this l2, in the form that the optimiser takes. */
export function curvatureOf(state: Checkpoint, l2: number): Curvature {
  const { curvature, diagonal, plan, warm } = state;
  if (curvature) return gramCurvature(state, curvature);
  if (diagonal) return (gradient) => inverseTimes(diagonal, l2, gradient);
  return warm ? meanCurvature(plan, l2) : null;
}

/** From the matrix. If the diagonal was measured, centred at each output's means and stretched to each output's variances. */
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

/** Applies the matrix to the weights and one scale to the biases. */
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

/** Works in place, with a plain loop: closures would cost noticeable time between two passes. */
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

/**
 * Near an optimum the gradient is short and a step of one unit is far too long. This is the average curvature of scaled
 * features.
 */
function meanCurvature(plan: Plan, l2: number): Curvature {
  const length = 1 / (startingCurvature(plan) + l2);
  return (gradient) => gradient.map((value) => length * value);
}
