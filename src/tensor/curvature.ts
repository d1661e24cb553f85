// How rows vary as the loss of each output of a linear head sees them.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, heapView, runKernel, tensorOf } from "./features.ts";
import { LINEAR_CURVATURE } from "./kernels/register.ts";
import { type LossTask, lossCall } from "./loss.ts";
import { type SlabWeights, weightTensors } from "./products.ts";
import { scoped } from "./scope.ts";

/** Numbers of the sums: as many as two sets of weights, and the biases. */
export const curvatureLength = (weights: number, biases: number): number => 2 * weights + biases;

/**
 * Adds to `sums`, for v the second derivative of the loss in each output of each row: [Σ v·x | Σ v·x² | Σ v], laid out like the
 * weights, the weights and the biases. x: in 16 bits; loss: of a softmax or of sigmoids. Sums are float32.
 */
export function addCurvature(x: FeatureTensor, task: LossTask, head: SlabWeights, sums: Float32Array): void {
  scoped(() => {
    const call = lossCall(x, task, head.outputs);
    const inputs = { ...call.inputs, ...weightTensors(head), before: tensorOf(sums, [sums.length]) };
    sums.set(heapView(runKernel<Tensor>(LINEAR_CURVATURE, inputs, call.attrs)));
  });
}
