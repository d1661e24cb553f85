// What is known of a linear head's curvature before any step: the loss in a logit times how features vary, by their Gram
// matrix where its inverse is at hand, or by each dimension's variance.
import { matrixTensor, matrixTimesSlabs } from "../../tensor/products.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { inverseTimes } from "../diagonal.ts";
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
export function curvatureOf({ curvature, diagonal, plan, warm }: Checkpoint, l2: number): Curvature {
  if (curvature) return gramCurvature(plan, curvature.matrix);
  if (diagonal) return (gradient) => inverseTimes(diagonal, l2, gradient);
  return warm ? meanCurvature(plan, l2) : null;
}

/** The weights' part by the matrix, the biases' as they are. */
function gramCurvature(plan: Plan, matrix: Float32Array): Curvature {
  const dims = gramDims(plan);
  const length = 1 / curvatureScale(plan);
  return (gradient) => {
    const weights = (gradient.length / (dims + 1)) * dims;
    const out = new Float32Array(gradient.length);
    const tensor = matrixTensor(matrix);
    try {
      out.set(matrixTimesSlabs(tensor, gradient.subarray(0, weights)));
    } finally {
      tensor.dispose();
    }
    for (let i = weights; i < out.length; i++) out[i] = length * (gradient[i] as number);
    return out;
  };
}

/** Near an optimum the gradient is short, and a step of one unit far too long: what scaled features vary by, on average. */
function meanCurvature(plan: Plan, l2: number): Curvature {
  const length = 1 / (startingCurvature(plan) + l2);
  return (gradient) => gradient.map((value) => length * value);
}
