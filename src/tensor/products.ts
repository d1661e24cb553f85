// The products of linear heads and of the optimiser, computed by our own kernels without tfjs operations. Takes and returns
// arrays; features may stay on the heap between calls.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, heapView, runKernel, tensorOf } from "./features.ts";
import { ROW_FORMS, SLAB, slabsOf } from "./kernels/call.ts";
import { GRAM, LINEAR_LOGITS, LINEAR_LOSS_GRADIENT, MATRIX_TIMES_SLABS } from "./kernels/register.ts";
import { type GradientPart, keepGradient, type LossTask, lossCall, lossIn } from "./loss.ts";
import { scoped } from "./scope.ts";

export type { GradientPart, Loss, LossTask, Targets } from "./loss.ts";
export { SLAB, slabsOf };

/** A linear head's weights in kernel layout: [slabs][dims][8] with zeros past the last output, and a bias. */
export interface SlabWeights {
  /** Padded to a multiple of eight. */
  readonly dims: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Index of output `k`, dimension `d` in slab layout. */
export const slabIndex = (dims: number, d: number, k: number): number => ((k >> 3) * dims + d) * SLAB + (k & 7);

export const weightTensors = ({ weights, bias, dims, outputs }: SlabWeights) => ({
  weights: tensorOf(weights, [slabsOf(outputs), dims, SLAB]),
  bias: tensorOf(bias, [bias.length]),
});

/** x·W + b: [rows][slabs · 8]. Sums over dimensions in order, so a row's logits do not depend on other rows. */
export function linearLogits(x: FeatureTensor, head: SlabWeights): Float32Array<ArrayBuffer> {
  return scoped(() => {
    const inputs = { x: x.tensor, ...weightTensors(head) };
    const logits = runKernel<Tensor>(LINEAR_LOGITS, inputs, x.attrs).dataSync<"float32">() as Float32Array<ArrayBuffer>;
    return logits.subarray(0, x.rows * slabsOf(head.outputs) * SLAB);
  });
}

const isFixed = ({ attrs }: FeatureTensor, { rough = false }: LossTask): boolean =>
  rough && attrs.form === ROW_FORMS.integers;

/**
 * Returns Σ loss of x·W + b against the targets, in one pass over x. Adds its gradient to `gradient`, weights in slab layout
 * and then biases; collects it in `part` first, where one is given. Sums across blocks are float64.
 */
export function addLossGradient(
  x: FeatureTensor,
  task: LossTask,
  head: SlabWeights,
  gradient: Float64Array,
  part?: GradientPart,
): number {
  return scoped(() => {
    const call = lossCall(x, task, head.outputs);
    const inputs = { ...call.inputs, ...weightTensors(head) };
    const before = part && part.rows > 0 ? part.values : null;
    const attrs = { ...call.attrs, isFixed: isFixed(x, task), before };
    const [weights, bias, sum] = runKernel<[Tensor, Tensor, Tensor]>(LINEAR_LOSS_GRADIENT, inputs, attrs);
    keepGradient(gradient, part, [heapView(weights), heapView(bias)], x.rows);
    return lossIn(heapView(sum));
  });
}

/** Adds Xᵀ·X to `sums` [dims][dims] row-major; only entries with row >= column are valid. x: 16-bit rows. */
export function addGram(x: FeatureTensor, sums: Float64Array): void {
  scoped(() => {
    const gram = heapView(runKernel<Tensor>(GRAM, { x: x.tensor }, { ...x.attrs, dims: Math.sqrt(sums.length) }));
    const dims = Math.sqrt(gram.length);
    for (let first = 0; first < dims; first += SLAB) {
      for (let row = first; row < dims; row++) {
        const [at, from] = [row * dims + first, slabIndex(dims, row, first)];
        for (let i = 0; i < SLAB; i++) sums[at + i] = (sums[at + i] as number) + (gram[from + i] as number);
      }
    }
  });
}

/** A square matrix [dims][dims] on the heap, for products with many vectors. The caller disposes it. */
export const matrixTensor = (values: Float32Array): Tensor => {
  const dims = Math.sqrt(values.length);
  return tensorOf(values, [dims, dims]);
};

/** matrix · weights for each output, in slab layout. */
export function matrixTimesSlabs(matrix: Tensor, weights: Float32Array): Float32Array {
  const dims = matrix.shape[0] as number;
  return scoped(() => {
    const inputs = { matrix, weights: tensorOf(weights, [weights.length / (dims * SLAB), dims, SLAB]) };
    return runKernel<Tensor>(MATRIX_TIMES_SLABS, inputs).dataSync<"float32">();
  });
}
