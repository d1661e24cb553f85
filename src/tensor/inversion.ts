// Inverts a symmetric positive definite matrix, some rows at a time, with our own kernel.
import type { Tensor } from "@tensorflow/tfjs-core";
import { heapView, runKernel, tensorOf } from "./features.ts";
import { INVERT_ROWS } from "./kernels/register.ts";
import { scoped } from "./scope.ts";

interface Matrices {
  readonly matrix: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * Processes `count` rows, starting at row `from` of the three sweeps over `matrix` [dims][dims], in place. The last sweep
 * accumulates `inverse`. Returns the number of rows processed: fewer than `count` if the matrix is not positive definite.
 */
export function invertRows({ matrix, inverse }: Matrices, from: number, count: number): number {
  return scoped(() => {
    const inputs = { matrix: halvesOf(matrix), inverse: halvesOf(inverse) };
    const [factor, sums, taken] = runKernel<[Tensor, Tensor, Tensor]>(INVERT_ROWS, inputs, { from, count });
    floatsOf(matrix).set(heapView(factor));
    floatsOf(inverse).set(heapView(sums));
    return heapView(taken)[0] as number;
  });
}

/** Tensors have no float64. They carry its bytes as twice as many float32, which nothing reads as numbers. */
function halvesOf(values: Float64Array): Tensor {
  const dims = Math.sqrt(values.length);
  return tensorOf(floatsOf(values), [dims, 2 * dims]);
}

const floatsOf = ({ buffer, byteOffset, length }: Float64Array): Float32Array =>
  new Float32Array(buffer, byteOffset, 2 * length);
