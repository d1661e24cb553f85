// What the module offers to tfjs: the forward product, and one fused pass for loss and gradient in cache-sized row blocks.
import { linearGradient, linearLogits } from "./linear";
import { softmaxGradient } from "./softmax";

export { linearLogits, linearGradient };

/** Rows taken through logits, softmax and gradient together: 64 rows of 1,024 floats are 256 KiB, which stay in L2. */
export const ROWS_AT_A_TIME: i32 = 64;

/** biasGradient[k] += Σ_r g[r][k]. */
function addColumns(g: usize, biasGradient: usize, rows: i32, slabs: i32): void {
  const rowBytes = <usize>slabs << 5;
  for (let column: usize = 0; column < rowBytes; column += 16) {
    let sum = v128.load(biasGradient + column);
    for (let r = 0; r < rows; r++) sum = f32x4.add(sum, v128.load(g + <usize>r * rowBytes + column));
    v128.store(biasGradient + column, sum);
  }
}

/**
 * Adds the gradient of Σ cross-entropy of a linear softmax head to `gradient` and `biasGradient`; returns the sum itself.
 * x: [rows up to a multiple of 4][xStride], labels: int32 [rows], w and gradient: [slabs][dims][8],
 * bias and biasGradient: [slabs · 8], scratch: [64][slabs · 8].
 */
export function crossEntropyGradient(
  x: usize, labels: usize, w: usize, bias: usize, gradient: usize, biasGradient: usize, scratch: usize,
  rows: i32, dims: i32, xStride: i32, classes: i32, slabs: i32,
): f64 {
  let loss: f64 = 0;
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    const block = x + ((<usize>start * <usize>xStride) << 2);
    linearLogits(block, w, bias, scratch, padded, dims, xStride, slabs);
    loss += softmaxGradient(scratch, labels + (<usize>start << 2), padded, count, classes, slabs);
    linearGradient(block, scratch, gradient, padded, dims, xStride, slabs);
    addColumns(scratch, biasGradient, padded, slabs);
  }
  return loss;
}
