// What the module offers to tfjs. Features come as float32 rows or as halves, which are widened 64 rows at a time; products,
// loss and gradient then run over those rows while they are in cache. Layouts: weights and gradients [slabs][dims][8],
// biases [slabs · 8]; dims is a multiple of eight, rows one of four, padding is zero.
import { encodeHalf } from "./half";
import { linearGradient, products, rowProducts } from "./linear";
import { lossGradient } from "./loss";
import { outputGradient, outputProducts } from "./narrow";
import { mlpLossGradient, mlpOutputs, mlpScratch, mlpTrainBlock } from "./mlp";
import { addColumns, ROWS_AT_A_TIME, rowsAt } from "./rows";

export { encodeHalf, mlpLossGradient, mlpOutputs, mlpScratch, mlpTrainBlock, ROWS_AT_A_TIME };

/** out [rows][slabs · 8] = x · w + bias. scratch: [64][stride] where x is half. */
export function linearLogits(
  x: usize, half: bool, w: usize, bias: usize, out: usize, scratch: usize,
  rows: i32, dims: i32, stride: i32, slabs: i32,
): void {
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const block = rowsAt(x, half, scratch, start, count, dims, stride);
    rowProducts(block, w, bias, out + ((<usize>start * <usize>slabs) << 5), count, dims, stride, slabs);
  }
}

/**
 * Adds the gradient of Σ loss of a linear head to `gradient` and `biasGradient`; returns the sum itself.
 * targetBytes: of one row of targets. scratch: [64][slabs · 8], then [64][stride] where x is half.
 */
export function linearLossGradient(
  loss: i32, x: usize, half: bool, targets: usize, targetBytes: i32, classWeights: usize, w: usize, bias: usize,
  gradient: usize, biasGradient: usize, scratch: usize, rows: i32, dims: i32, stride: i32, outputs: i32, slabs: i32,
): f64 {
  const rowBytes = <usize>slabs << 5;
  const widened = scratch + <usize>ROWS_AT_A_TIME * rowBytes;
  let sum: f64 = 0;
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    const block = rowsAt(x, half, widened, start, padded, dims, stride);
    outputProducts(block, w, bias, scratch, padded, dims, stride, outputs);
    sum += lossGradient(
      loss, scratch, targets + <usize>start * <usize>targetBytes, classWeights, padded, count, outputs, slabs,
    );
    outputGradient(block, scratch, gradient, padded, dims, stride, outputs);
    addColumns(scratch, biasGradient, padded, slabs, rowBytes);
  }
  return sum;
}

/** gram [dims / 8][dims][8] += Xᵀ·X, where row index >= column. x: halves; scratch: [64][stride]. */
export function addGram(x: usize, gram: usize, scratch: usize, rows: i32, dims: i32, stride: i32): void {
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const block = rowsAt(x, true, scratch, start, count, dims, stride);
    linearGradient(block, block, gram, count, dims, stride, dims >> 3, <usize>stride << 2, true);
  }
}

/** out [slabs][dims][8] = matrix [dims][dims] · w [slabs][dims][8]: a vector like the weights from one like the weights. */
export function matrixTimesSlabs(matrix: usize, w: usize, zeros: usize, out: usize, dims: i32, slabs: i32): void {
  products(matrix, w, zeros, out, dims, dims, dims, slabs, 32, <usize>dims << 5);
}
