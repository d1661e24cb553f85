// A head with one hidden layer on blocks of features: outputs, gradient, and AdamW steps. Takes and returns arrays.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, heapView, runKernel, tensorOf } from "./features.ts";
import { SLAB, slabsOf } from "./kernels/call.ts";
import { MLP_LOSS_GRADIENT, MLP_OUTPUTS, MLP_TRAIN_BLOCK } from "./kernels/register.ts";
import { addTo, type LossTask, lossCall, lossIn } from "./loss.ts";
import { scoped } from "./scope.ts";

/** Parameters as one vector [W1 slabs][W2 slabs][b1][b2]: weights come first. */
export interface MlpWeights {
  /** Padded to a multiple of eight, like `hidden`. */
  readonly dims: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly parameters: Float32Array;
}

const extents = ({ dims, hidden, outputs }: MlpWeights) => ({ dims, hidden, outputs });
const vector = (values: Float32Array): Tensor => tensorOf(values, [values.length]);

/** relu(x·W1 + b1)·W2 + b2: [rows][slabs · 8]. A row's outputs do not depend on its neighbours. */
export function mlpOutputs(x: FeatureTensor, head: MlpWeights): Float32Array<ArrayBuffer> {
  return scoped(() => {
    const inputs = { x: x.tensor, parameters: vector(head.parameters) };
    const outputs = runKernel<Tensor>(MLP_OUTPUTS, inputs, {
      ...x.attrs,
      ...extents(head),
    }).dataSync<"float32">() as Float32Array<ArrayBuffer>;
    return outputs.subarray(0, x.rows * slabsOf(head.outputs) * SLAB);
  });
}

/**
 * Returns Σ loss against the targets, and adds its gradient, in the parameters' layout, to `gradient`. Sums across blocks are
 * float64.
 */
export function addMlpLossGradient(x: FeatureTensor, task: LossTask, head: MlpWeights, gradient: Float64Array): number {
  return scoped(() => {
    const call = lossCall(x, task, head.outputs);
    const inputs = { ...call.inputs, parameters: vector(head.parameters) };
    const [own, sum] = runKernel<[Tensor, Tensor]>(MLP_LOSS_GRADIENT, inputs, { ...call.attrs, ...extents(head) });
    addTo(gradient, 0, heapView(own));
    return lossIn(heapView(sum));
  });
}

/** AdamW state: the running mean and mean square of the gradient, in the parameters' layout. */
export interface AdamMoments {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export interface StepSettings {
  /** Rows per step, or a few less: a block is divided evenly. */
  readonly batch: number;
  readonly rate: number;
  /** Share of the weights, times the rate, that each step subtracts. */
  readonly decay: number;
  /** Share of hidden units that are dropped for each row. */
  readonly dropout: number;
  readonly seed: number;
  /** Number of the block's first step, counted from 1. */
  readonly step: number;
}

export const stepsOf = (rows: number, batch: number): number => Math.ceil(rows / batch);

/**
 * Updates parameters and moments in place, one step for every `batch` rows. Returns Σ loss, where each row's loss is taken
 * before its step.
 */
export function trainMlpBlock(
  x: FeatureTensor,
  task: LossTask,
  head: MlpWeights,
  { m, v }: AdamMoments,
  { dropout, ...steps }: StepSettings,
): number {
  return scoped(() => {
    const call = lossCall(x, task, head.outputs);
    const vectors = [head.parameters, m, v];
    const [parameters, mean, square] = vectors.map(vector) as [Tensor, Tensor, Tensor];
    const inputs = { ...call.inputs, parameters, m: mean, v: square };
    const attrs = { ...call.attrs, ...extents(head), ...steps, dropped: Math.round(dropout * 2 ** 16) };
    const made = runKernel<Tensor[]>(MLP_TRAIN_BLOCK, inputs, attrs).map(heapView);
    vectors.forEach((values, i) => void values.set(made[i] as Float32Array));
    return lossIn(made[3] as Float32Array);
  });
}
