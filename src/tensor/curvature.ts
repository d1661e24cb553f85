// Second-derivative sums of a linear head's loss: the diagonal of its Hessian and the cross terms with the biases.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, heapView, runKernel, tensorOf } from "./features.ts";
import { LINEAR_CURVATURE } from "./kernels/register.ts";
import { type LossTask, lossCall } from "./loss.ts";
import { type SlabWeights, weightTensors } from "./products.ts";
import { scoped } from "./scope.ts";

/** Length of the sums: two sets of weights, and the biases. */
export const curvatureLength = (weights: number, biases: number): number => 2 * weights + biases;

/**
 * Adds to `sums`, for v the second derivative of the loss with respect to each output of each row: [Σ v·x | Σ v·x² | Σ v], in
 * the layouts of the weights, the weights and the biases. x: rows in 16 bits. Loss: softmax or sigmoid. Sums are float32.
 */
export function addCurvature(x: FeatureTensor, task: LossTask, head: SlabWeights, sums: Float32Array): void {
  scoped(() => {
    const call = lossCall(x, task, head.outputs);
    const inputs = { ...call.inputs, ...weightTensors(head), before: tensorOf(sums, [sums.length]) };
    sums.set(heapView(runKernel<Tensor>(LINEAR_CURVATURE, inputs, call.attrs)));
  });
}
