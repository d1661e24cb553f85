// A head with one hidden layer, relu(x·W1 + b1)·W2 + b2, over blocks of feature rows. Parameters are one flat vector [W1:
// hidden / 8 slabs of dims][W2: slabs of hidden][b1: hidden][b2: slabs · 8]. hidden is a multiple of eight; padded units have
// zero weights and stay at zero.
import { adamw } from "./adamw";
import { dropUnits, keptScale, noiseOf } from "./dropout";
import { addFixedGradient, fixedProducts, fixedScratch, quantiseWeights } from "./fixed";
import { integerRowBytes } from "./integers";
import { linearGradient, products, rowProducts } from "./linear";
import { lossGradient } from "./loss";
import { addColumns, paddedRowsAt, ROWS_AT_A_TIME, rowsAt } from "./rows";

/** Byte offset of W2 in a vector with the parameters' layout. */
// @ts-ignore: decorator
@inline
function w2At(dims: i32, hidden: i32): usize {
  return (<usize>dims * <usize>hidden) << 2;
}

// @ts-ignore: decorator
@inline
function b1At(dims: i32, hidden: i32, slabs: i32): usize {
  return w2At(dims, hidden) + ((<usize>hidden * <usize>slabs) << 5);
}

// @ts-ignore: decorator
@inline
function b2At(dims: i32, hidden: i32, slabs: i32): usize {
  return b1At(dims, hidden, slabs) + (<usize>hidden << 2);
}

/** Bytes between two rows of units: not a power of two, like the stride of features. */
// @ts-ignore: decorator
@inline
function unitBytes(hidden: i32): usize {
  return <usize>(hidden + 8) << 2;
}

// Scratch, in this order: units [64][hidden + 8]; errors of the units, same shape; errors of the outputs [64][slabs · 8]; W2ᵀ;
// zeros [hidden]. Then rows [64][stride] where x is not float32; or, for fixed-point products, 64 integer rows and the scratch
// of fixed.ts.
// @ts-ignore: decorator
@inline
function errorsAt(hidden: i32): usize {
  return 2 * <usize>ROWS_AT_A_TIME * unitBytes(hidden);
}

// @ts-ignore: decorator
@inline
function transposedAt(hidden: i32, slabs: i32): usize {
  return errorsAt(hidden) + <usize>ROWS_AT_A_TIME * (<usize>slabs << 5);
}

// @ts-ignore: decorator
@inline
function zerosAt(hidden: i32, slabs: i32): usize {
  return transposedAt(hidden, slabs) + ((<usize>hidden * <usize>slabs) << 5);
}

// @ts-ignore: decorator
@inline
function widenedAt(hidden: i32, slabs: i32): usize {
  return zerosAt(hidden, slabs) + (<usize>hidden << 2);
}

/** Floats of scratch for the functions below. */
export function mlpScratch(form: i32, isFixed: bool, dims: i32, stride: i32, hidden: i32, slabs: i32): i32 {
  const before = <i32>(widenedAt(hidden, slabs) >> 2);
  if (isFixed) return before + ((<i32>fixedAt(0, dims) + fixedScratch(dims, hidden >> 3)) >> 2);
  return before + (form ? ROWS_AT_A_TIME * stride : 0);
}

/** Where the scratch of fixed.ts begins, after the integer rows at `rows`. */
// @ts-ignore: decorator
@inline
function fixedAt(rows: usize, dims: i32): usize {
  return rows + <usize>ROWS_AT_A_TIME * integerRowBytes(dims);
}

/** Integer rows, a multiple of four: in place, or copied to `scratch` and padded with zeros. */
function integersAt(x: usize, scratch: usize, start: i32, count: i32, dims: i32): usize {
  const rowBytes = integerRowBytes(dims);
  const from = x + <usize>start * rowBytes;
  if ((count & 3) == 0) return from;
  memory.copy(scratch, from, <usize>count * rowBytes);
  memory.fill(scratch + <usize>count * rowBytes, 0, <usize>(4 - (count & 3)) * rowBytes);
  return scratch;
}

/** relu(x·W1 + b1) of up to 64 rows. `fixed`: address of the quantised weights, or 0. */
function unitsOf(
  x: usize, parameters: usize, units: usize, fixed: usize, rows: i32, dims: i32, stride: i32, hidden: i32, slabs: i32,
): void {
  const bytes = unitBytes(hidden);
  const b1 = parameters + b1At(dims, hidden, slabs);
  if (fixed) fixedProducts(x, b1, units, bytes, fixed, rows, dims, hidden);
  else products(x, parameters, b1, units, rows, dims, stride, hidden >> 3, bytes, 32);
  for (let r = 0; r < rows; r++) {
    const row = units + <usize>r * bytes;
    const end = row + (<usize>hidden << 2);
    for (let at = row; at < end; at += 16) v128.store(at, f32x4.pmax(v128.load(at), f32x4.splat(0)));
  }
}

// @ts-ignore: decorator
@inline
function outputsOf(
  units: usize, parameters: usize, out: usize, rows: i32, dims: i32, hidden: i32, slabs: i32,
): void {
  const bias = parameters + b2At(dims, hidden, slabs);
  rowProducts(units, parameters + w2At(dims, hidden), bias, out, rows, hidden, hidden + 8, slabs);
}

/** out [rows][slabs · 8] = relu(x·W1 + b1)·W2 + b2. */
export function mlpOutputs(
  x: usize, form: i32, parameters: usize, out: usize, scratch: usize,
  rows: i32, dims: i32, stride: i32, hidden: i32, slabs: i32,
): void {
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const block = rowsAt(x, form, scratch + widenedAt(hidden, slabs), start, count, dims, stride);
    unitsOf(block, parameters, scratch, 0, count, dims, stride, hidden, slabs);
    outputsOf(scratch, parameters, out + ((<usize>start * <usize>slabs) << 5), count, dims, hidden, slabs);
  }
}

/** W2ᵀ in slab layout: out [hidden / 8][slabs · 8][8] from w2 [slabs][hidden][8]. */
function transpose(w2: usize, out: usize, hidden: i32, slabs: i32): void {
  const outputs = slabs << 3;
  for (let slab = 0; slab < slabs; slab++) {
    for (let unit = 0; unit < hidden; unit++) {
      const from = w2 + ((<usize>slab * <usize>hidden + <usize>unit) << 5);
      const to = out + ((<usize>(unit >> 3) * <usize>outputs + <usize>(slab << 3)) << 5) + (<usize>(unit & 7) << 2);
      for (let k: usize = 0; k < 8; k++) f32.store(to + (k << 5), f32.load(from + (k << 2)));
    }
  }
}

/** Multiplies the errors of active units by `scale` and sets those of units at zero to zero. In place. */
function maskErrors(errors: usize, units: usize, rows: i32, hidden: i32, scale: f32): void {
  const bytes = unitBytes(hidden);
  for (let r = 0; r < rows; r++) {
    const offset = <usize>r * bytes;
    const end = offset + (<usize>hidden << 2);
    for (let at = offset; at < end; at += 16) {
      const alive = f32x4.gt(v128.load(units + at), f32x4.splat(0));
      const error = f32x4.mul(v128.load(errors + at), f32x4.splat(scale));
      v128.store(errors + at, v128.and(error, alive));
    }
  }
}

/** Adds the gradient of up to 64 rows. Their units and the errors of their outputs are in `scratch`. */
function addGradient(
  x: usize, parameters: usize, gradient: usize, scratch: usize, fixed: usize,
  rows: i32, dims: i32, stride: i32, hidden: i32, slabs: i32, scale: f32,
): void {
  const bytes = unitBytes(hidden);
  const outputBytes = <usize>slabs << 5;
  const unitErrors = scratch + <usize>ROWS_AT_A_TIME * bytes;
  const errors = scratch + errorsAt(hidden);
  linearGradient(
    scratch, errors, gradient + w2At(dims, hidden), rows, hidden, hidden + 8, slabs, outputBytes, false,
  );
  addColumns(errors, gradient + b2At(dims, hidden, slabs), rows, slabs, outputBytes);
  products(
    errors, scratch + transposedAt(hidden, slabs), scratch + zerosAt(hidden, slabs), unitErrors,
    rows, slabs << 3, slabs << 3, hidden >> 3, bytes, 32,
  );
  maskErrors(unitErrors, scratch, rows, hidden, scale);
  if (fixed) addFixedGradient(x, unitErrors, bytes, gradient, fixed, rows, dims, hidden);
  else linearGradient(x, unitErrors, gradient, rows, dims, stride, hidden >> 3, bytes, false);
  addColumns(unitErrors, gradient + b1At(dims, hidden, slabs), rows, hidden >> 3, bytes);
}

/**
 * Adds the gradient of Σ loss over `rows` rows, starting at row `from`, to `gradient`, which has the parameters' layout.
 * Returns Σ loss. Units are dropped with probability `dropped` / 2^16, decided by `noise`. `isFixed`: whether products with x,
 * which must then be integer rows, are in fixed point.
 */
export function mlpLossGradient(
  loss: i32, x: usize, form: i32, targets: usize, targetBytes: i32, classWeights: usize,
  parameters: usize, gradient: usize, scratch: usize, isFixed: bool, from: i32, rows: i32,
  dims: i32, stride: i32, hidden: i32, outputs: i32, slabs: i32, dropped: i32, noise: i32,
): f64 {
  const errors = scratch + errorsAt(hidden);
  const copied = scratch + widenedAt(hidden, slabs);
  const fixed = isFixed ? fixedAt(copied, dims) : 0;
  if (isFixed) quantiseWeights(parameters, fixed, dims, hidden);
  transpose(parameters + w2At(dims, hidden), scratch + transposedAt(hidden, slabs), hidden, slabs);
  memory.fill(scratch + zerosAt(hidden, slabs), 0, <usize>hidden << 2);
  let sum: f64 = 0;
  for (let start = 0; start < rows; start += ROWS_AT_A_TIME) {
    const count = min(rows - start, ROWS_AT_A_TIME);
    const padded = (count + 3) & ~3;
    const block = isFixed
      ? integersAt(x, copied, from + start, count, dims)
      : paddedRowsAt(x, form, copied, from + start, count, dims, stride);
    unitsOf(block, parameters, scratch, fixed, padded, dims, stride, hidden, slabs);
    if (dropped) dropUnits(scratch, padded, hidden, unitBytes(hidden), dropped, noise + start * hidden);
    outputsOf(scratch, parameters, errors, padded, dims, hidden, slabs);
    const at = targets + <usize>(from + start) * <usize>targetBytes;
    sum += lossGradient(loss, errors, at, classWeights, padded, count, outputs, slabs);
    addGradient(
      block, parameters, gradient, scratch, fixed, padded, dims, stride, hidden, slabs, keptScale(dropped),
    );
  }
  return sum;
}

/**
 * Runs AdamW steps over a block, each on about `batch` rows in stored order; the first step has number `step`. Returns Σ loss,
 * where each row's loss is taken before its own step. `gradient`: separate scratch, as long as the parameters.
 */
export function mlpTrainBlock(
  loss: i32, x: usize, form: i32, targets: usize, targetBytes: i32, classWeights: usize,
  parameters: usize, m: usize, v: usize, gradient: usize, scratch: usize, isFixed: bool,
  rows: i32, dims: i32, stride: i32, hidden: i32, outputs: i32, slabs: i32,
  batch: i32, rate: f32, decay: f32, dropped: i32, seed: i32, step: i32,
): f64 {
  const decayed = dims * hidden + hidden * (slabs << 3);
  const size = decayed + hidden + (slabs << 3);
  const batches = (rows + batch - 1) / batch;
  let sum: f64 = 0;
  for (let i = 0; i < batches; i++) {
    const from = rows * i / batches;
    const count = rows * (i + 1) / batches - from;
    memory.fill(gradient, 0, <usize>size << 2);
    sum += mlpLossGradient(
      loss, x, form, targets, targetBytes, classWeights, parameters, gradient, scratch, isFixed, from, count,
      dims, stride, hidden, outputs, slabs, dropped, noiseOf(seed, step + i),
    );
    adamw(parameters, m, v, gradient, size, decayed, f32(1) / f32(count), rate, decay, step + i);
  }
  return sum;
}
