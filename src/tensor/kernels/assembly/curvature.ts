// Second-derivative sums of a linear head: the Hessian without the terms between different dimensions.
import { outputGradient, outputProducts } from "./narrow";
import { lossGradient, SOFTMAX } from "./loss";
import { addColumns, ROWS_AT_A_TIME, rowsAt, SPARSE } from "./rows";
import { sparseGradient, sparseProducts, spreadEntries, squareEntries } from "./sparse";

/**
 * For v the second derivative of the loss with respect to each output of each row, adds Σ v·x to `first`, Σ v·x² to `second`,
 * and Σ v to `sums`, in the layouts of the weights, the weights and the bias. x: integers or sparse; scratch: the same size as
 * for `linearLossGradient`.
 */
export function linearCurvature(
  loss: i32, x: usize, form: i32, targets: usize, targetBytes: i32, classWeights: usize, w: usize, bias: usize,
  first: usize, second: usize, sums: usize, scratch: usize, rows: i32, dims: i32, stride: i32, outputs: i32, slabs: i32,
): void {
  const rowBytes = <usize>slabs << 5;
  const widened = scratch + <usize>ROWS_AT_A_TIME * rowBytes;
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    const rowTargets = targets + <usize>start * <usize>targetBytes;
    if (form == SPARSE) {
      spreadEntries(x, widened, start, padded);
      sparseProducts(x, widened, w, bias, scratch, start, padded, dims, slabs);
      secondDerivatives(loss, scratch, rowTargets, classWeights, padded, count, outputs, slabs);
      sparseGradient(x, widened, scratch, first, start, padded, dims, slabs);
      squareEntries(x, widened, start, padded);
      sparseGradient(x, widened, scratch, second, start, padded, dims, slabs);
    } else {
      rowsAt(x, form, widened, start, padded, dims, stride);
      outputProducts(widened, w, bias, scratch, padded, dims, stride, outputs);
      secondDerivatives(loss, scratch, rowTargets, classWeights, padded, count, outputs, slabs);
      outputGradient(widened, scratch, first, padded, dims, stride, outputs);
      square(widened, <usize>padded * <usize>stride);
      outputGradient(widened, scratch, second, padded, dims, stride, outputs);
    }
    addColumns(scratch, sums, padded, slabs, rowBytes);
  }
}

/** Turns logits [rows][slabs · 8] of a softmax or of sigmoids into weight · p · (1 − p), in place; padding becomes 0. */
function secondDerivatives(
  loss: i32, logits: usize, targets: usize, weights: usize, rows: i32, count: i32, outputs: i32, slabs: i32,
): void {
  lossGradient(loss, logits, targets, 0, rows, count, outputs, slabs);
  const rowBytes = <usize>slabs << 5;
  const one = f32x4.splat(1);
  for (let at = logits; at < logits + <usize>count * rowBytes; at += 16) {
    const distance = f32x4.abs(v128.load(at)); // |p − target|, that is p or 1 − p
    v128.store(at, f32x4.mul(distance, f32x4.sub(one, distance)));
  }
  if (!weights) return;
  for (let r = 0; r < count; r++) {
    const row = logits + <usize>r * rowBytes;
    if (loss == SOFTMAX) weighRow(row, f32.load(weights + (<usize>load<i32>(targets + (<usize>r << 2)) << 2)), rowBytes);
    else weighSet(row, targets + <usize>r * <usize>slabs, weights, outputs);
  }
}

function weighRow(row: usize, weight: f32, bytes: usize): void {
  for (let at = row; at < row + bytes; at += 16) v128.store(at, f32x4.mul(v128.load(at), f32x4.splat(weight)));
}

/** `bits`: one byte per slab. */
function weighSet(row: usize, bits: usize, weights: usize, outputs: i32): void {
  for (let k = 0; k < outputs; k++) {
    const at = <usize>k << 2;
    if ((load<u8>(bits + (<usize>k >> 3)) >> <u8>(k & 7)) & 1) f32.store(row + at, f32.load(row + at) * f32.load(weights + at));
  }
}

function square(values: usize, count: usize): void {
  for (let at = values; at < values + (count << 2); at += 16) v128.store(at, f32x4.mul(v128.load(at), v128.load(at)));
}
