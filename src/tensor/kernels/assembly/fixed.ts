// The two products of a linear head in fixed point: 16-bit integers, whose sums are exact, instead of float32. Rounding changes
// a loss by about 1e-5 of it: small enough for all steps of a fit except the last ones, in half the time.
//
// Scratch at `at`, 16-bit: weights [slabs][dims / 2][8][2], or [8][dims] for a narrow slab; eight dimensions of 64 rows
// [32][8][2]; the gradient of the loss [slabs][32][8][2]. Then float32: the unit of each row, of each class's weights and of
// each class's gradient.
import { addFixedOuter, pairRows } from "./fixed-outer";
import { addFixedProducts, addNarrowFixedProducts } from "./fixed-products";
import { integerRowBytes, integersOf, largestInteger } from "./integers";
import { NARROW } from "./narrow";
import { quantiseClasses, quantisePairs, WEIGHTS_LENGTH } from "./quantise";
import { ROWS_AT_A_TIME } from "./rows";

/**
 * Product of the lengths of a dimension and of a class's gradient, both as integers. Leaves out what rounding adds to the
 * gradient.
 */
const GRADIENT_LENGTHS: f32 = 2.1e9;
const ROUNDING_LENGTH: f32 = 4; // √64 / 2
const ROWS_LENGTH: f32 = 8; // √64: length of a dimension over the rows, in units of its largest number

/** Bytes of 64 rows of eight numbers. */
const EIGHT_BYTES: usize = <usize>ROWS_AT_A_TIME << 4;

// @ts-ignore: decorator
@inline
function pairsIn(at: usize, dims: i32, slabs: i32): usize {
  return at + (<usize>(dims * slabs) << 4);
}

// @ts-ignore: decorator
@inline
function errorsIn(at: usize, dims: i32, slabs: i32): usize {
  return pairsIn(at, dims, slabs) + EIGHT_BYTES;
}

// @ts-ignore: decorator
@inline
function unitsIn(at: usize, dims: i32, slabs: i32): usize {
  return errorsIn(at, dims, slabs) + <usize>slabs * EIGHT_BYTES;
}

/** Bytes of scratch. */
export function fixedScratch(dims: i32, slabs: i32): i32 {
  return <i32>unitsIn(0, dims, slabs) + (ROWS_AT_A_TIME << 2) + (slabs << 6);
}

/** Quantises weights w [slabs][dims][8] into scratch. Must run before any product. */
export function quantiseWeights(w: usize, at: usize, dims: i32, outputs: i32): void {
  const slabs = (outputs + 7) >> 3;
  let units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2);
  for (let left = outputs; left > 0; left -= 8, w += <usize>dims << 5, at += <usize>dims << 4, units += 32) {
    if (left > NARROW) quantisePairs(w, 32, 0, dims, WEIGHTS_LENGTH, at, units);
    else quantiseClasses(w, dims, WEIGHTS_LENGTH, at, units);
  }
}

/** out [rows][outBytes / 4] = x · w + bias. x: up to 64 rows of integers, a multiple of four. */
export function fixedProducts(
  x: usize, bias: usize, out: usize, outBytes: usize, at: usize, rows: i32, dims: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const xBytes = integerRowBytes(dims);
  let units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2);
  for (let r = 0; r < rows; r++) memory.copy(out + <usize>r * outBytes, bias, <usize>slabs << 5);
  for (let left = outputs; left > 0; left -= 8, at += <usize>dims << 4, units += 32, out += 32) {
    if (left > NARROW) addFixedProducts(x, xBytes, at, dims, units, out, outBytes, rows);
    else addNarrowFixedProducts(x, xBytes, at, dims, units, out, outBytes, rows, left);
  }
}

/** gradient [slabs][dims][8] += xᵀ · g; x: as above; g: [rows][gBytes / 4]. */
export function addFixedGradient(
  x: usize, g: usize, gBytes: usize, gradient: usize, at: usize, rows: i32, dims: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const pairs = pairsIn(at, dims, slabs);
  const errors = errorsIn(at, dims, slabs);
  const units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2) + (<usize>slabs << 5);
  quantiseErrors(x, g, gBytes, at, rows, dims, slabs);
  for (let d: usize = 0; d < <usize>dims; d += 8) {
    pairRows(integersOf(x) + (d << 1), integerRowBytes(dims), pairs, rows);
    for (let slab: usize = 0; slab < <usize>slabs; slab++) {
      const out = gradient + ((slab * <usize>dims + d) << 5);
      addFixedOuter(pairs, errors + slab * EIGHT_BYTES, units + (slab << 5), out, rows, min(8, outputs - (<i32>slab << 3)));
    }
  }
}

/** Quantises g, with one unit per row, into scratch. */
function quantiseErrors(x: usize, g: usize, gBytes: usize, at: usize, rows: i32, dims: i32, slabs: i32): void {
  const errors = errorsIn(at, dims, slabs);
  const rowUnits = unitsIn(at, dims, slabs);
  const units = rowUnits + <usize>(ROWS_AT_A_TIME << 2) + (<usize>slabs << 5);
  const rowBytes = integerRowBytes(dims);
  for (let r: usize = 0; r < <usize>rows; r++) store<f32>(rowUnits + (r << 2), load<f32>(x + r * rowBytes));
  const length = GRADIENT_LENGTHS / (ROWS_LENGTH * <f32>max(largestInteger(x, rows, rowBytes), 1)) - ROUNDING_LENGTH;
  for (let slab: usize = 0; slab < <usize>slabs; slab++)
    quantisePairs(g + (slab << 5), gBytes, rowUnits, rows, length, errors + slab * EIGHT_BYTES, units + (slab << 5));
}
