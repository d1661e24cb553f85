// Exports of the kernel module, for tfjs and for callers that give it a small memory of their own. Features come as float32
// rows, integer rows or sparse rows. They are widened to float32 64 rows at a time, except where sparse rows have their own
// products and gradients; products, loss and gradient then run over those rows while they are in cache. Layouts: weights and
// gradients [slabs][dims][8], biases [slabs · 8]. dims is a multiple of eight; row counts are multiples of four, except in
// `linearLogits`; padding is zero.
import { linearCurvature } from "./curvature";
import { addFixedGradient, fixedProducts, fixedScratch, quantiseWeights } from "./fixed";
import { addLongToken, addToken, beginText, HASHED_DIMENSIONS, hashPrefix, readToken, TEXT_DIMENSIONS, writeUnit } from "./hashing";
import { encodeIntegers, integerRowBytes } from "./integers";
import { invertRows } from "./inversion";
import { linearGradient, products, rowProducts } from "./linear";
import { lossGradient } from "./loss";
import { addMoments } from "./moments";
import { outputGradient, outputProducts } from "./narrow";
import { mlpLossGradient, mlpOutputs, mlpScratch, mlpTrainBlock } from "./mlp";
import { readNumbers } from "./numbers";
import { addColumns, ROWS_AT_A_TIME, rowsAt, SPARSE } from "./rows";
import { scaleRows } from "./scale";
import { countNumbers, encodeSparse, sparseGradient, sparseProducts, spreadEntries } from "./sparse";
import { addTemperedLosses, addTemperedSlopes } from "./temperature";
import { addDots, combine } from "./vectors";

export { addDots, addMoments, addTemperedLosses, addTemperedSlopes, combine, countNumbers, encodeIntegers, encodeSparse, fixedScratch, invertRows, linearCurvature, mlpLossGradient, mlpOutputs, mlpScratch, mlpTrainBlock, readNumbers, ROWS_AT_A_TIME, scaleRows };
export { addLongToken, addToken, beginText, HASHED_DIMENSIONS, hashPrefix, readToken, TEXT_DIMENSIONS, writeUnit };

/** out [rows][dims] = x; x: integer or sparse rows. */
export function widen(x: usize, form: i32, out: usize, rows: i32, dims: i32): void {
  rowsAt(x, form, out, 0, rows, dims, dims);
}

/** out [rows][slabs · 8] = x · w + bias. scratch: [64][stride], where x is not float32. */
export function linearLogits(
  x: usize, form: i32, w: usize, bias: usize, out: usize, scratch: usize,
  rows: i32, dims: i32, stride: i32, slabs: i32,
): void {
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const block = rowsAt(x, form, scratch, start, count, dims, stride);
    rowProducts(block, w, bias, out + ((<usize>start * <usize>slabs) << 5), count, dims, stride, slabs);
  }
}

/**
 * As `linearLossGradient`, with products in fixed point. x: integer rows. scratch: [64][slabs · 8], then `fixedScratch` bytes.
 */
export function fixedLossGradient(
  loss: i32, x: usize, targets: usize, targetBytes: i32, classWeights: usize, w: usize, bias: usize,
  gradient: usize, biasGradient: usize, scratch: usize, rows: i32, dims: i32, outputs: i32, slabs: i32,
): f64 {
  const rowBytes = <usize>slabs << 5;
  const fixed = scratch + <usize>ROWS_AT_A_TIME * rowBytes;
  let sum: f64 = 0;
  quantiseWeights(w, fixed, dims, outputs);
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    const block = x + <usize>start * integerRowBytes(dims);
    fixedProducts(block, bias, scratch, rowBytes, fixed, padded, dims, outputs);
    sum += lossGradient(
      loss, scratch, targets + <usize>start * <usize>targetBytes, classWeights, padded, count, outputs, slabs,
    );
    addFixedGradient(block, scratch, rowBytes, gradient, fixed, padded, dims, outputs);
    addColumns(scratch, biasGradient, padded, slabs, rowBytes);
  }
  return sum;
}

/**
 * Adds the gradient of Σ loss of a linear head to `gradient` and `biasGradient`. Returns Σ loss. targetBytes: bytes of one row
 * of targets. scratch: [64][slabs · 8], then [64][stride] for integer rows, or twice that for sparse rows.
 */
export function linearLossGradient(
  loss: i32, x: usize, form: i32, targets: usize, targetBytes: i32, classWeights: usize, w: usize, bias: usize,
  gradient: usize, biasGradient: usize, scratch: usize, rows: i32, dims: i32, stride: i32, outputs: i32, slabs: i32,
): f64 {
  const rowBytes = <usize>slabs << 5;
  const widened = scratch + <usize>ROWS_AT_A_TIME * rowBytes;
  let sum: f64 = 0;
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    let block = widened;
    if (form == SPARSE) {
      spreadEntries(x, widened, start, padded);
      sparseProducts(x, widened, w, bias, scratch, start, padded, dims, slabs);
    } else {
      block = rowsAt(x, form, widened, start, padded, dims, stride);
      outputProducts(block, w, bias, scratch, padded, dims, stride, outputs);
    }
    sum += lossGradient(
      loss, scratch, targets + <usize>start * <usize>targetBytes, classWeights, padded, count, outputs, slabs,
    );
    if (form == SPARSE) sparseGradient(x, widened, scratch, gradient, start, padded, dims, slabs);
    else outputGradient(block, scratch, gradient, padded, dims, stride, outputs);
    addColumns(scratch, biasGradient, padded, slabs, rowBytes);
  }
  return sum;
}

/** gram [dims / 8][dims][8] += Xᵀ·X, only where row index >= column. x: integer or sparse rows; scratch: [64][stride]. */
export function addGram(x: usize, form: i32, gram: usize, scratch: usize, rows: i32, dims: i32, stride: i32): void {
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const block = rowsAt(x, form, scratch, start, count, dims, stride);
    linearGradient(block, block, gram, count, dims, stride, dims >> 3, <usize>stride << 2, true);
  }
}

/** out [slabs][dims][8] = matrix [dims][dims] · w [slabs][dims][8], both in weight layout. */
export function matrixTimesSlabs(matrix: usize, w: usize, zeros: usize, out: usize, dims: i32, slabs: i32): void {
  products(matrix, w, zeros, out, dims, dims, dims, slabs, 32, <usize>dims << 5);
}
