// What is known of a linear head's curvature before any step: the loss in a logit times how features vary, by their Gram
// matrix where its inverse is at hand, or by each dimension's variance.
import { matrixTensor, matrixTimesSlabs } from "../../tensor/products.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { inverseTimes, stretchOf } from "../diagonal.ts";
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

/** The weights' part by the matrix, stretched to what each output was measured to see of every dimension; the biases' as they are. */
function gramCurvature(state: Checkpoint, { matrix, l2 }: NonNullable<Checkpoint["curvature"]>): Curvature {
  const { plan, gram, diagonal } = state;
  const dims = gramDims(plan);
  const scale = curvatureScale(plan);
  const stretch = gram && diagonal ? stretchOf(diagonal, diagonalOfGram(gram, dims, scale), l2) : null;
  return (gradient) => {
    const weights = (gradient.length / (dims + 1)) * dims;
    const out = new Float32Array(gradient.length);
    out.set(stretched(gradient.subarray(0, weights), stretch));
    out.set(stretched(times(matrix, out.subarray(0, weights)), stretch));
    for (let i = weights; i < out.length; i++)
      out[i] = (gradient[i] as number) * (1 / (diagonal?.curvature[i - weights] ?? scale));
    return out;
  };
}

const diagonalOfGram = (gram: Float64Array, dims: number, scale: number): Float64Array =>
  Float64Array.from({ length: dims }, (_, d) => scale * (gram[d * dims + d] as number));

/** `values` times `stretch`, in a loop: a closure for each would be felt between two passes. */
function stretched(values: Float32Array, stretch: Float32Array | null): Float32Array {
  if (!stretch) return values;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = (values[i] as number) * (stretch[i] as number);
  return out;
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
