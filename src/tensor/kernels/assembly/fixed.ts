// The two products of a linear head in fixed point: integers of 16 bits, whose sums are exact, in place of float32. Rounding
// moves a loss by some 1e-5 of it: enough for all steps of a fit but its last ones, at half the time.
//
// `at` is scratch: weights [slabs][dims / 2][8][2]; rows [64][dims] and transposed [dims][64]; the gradient of the loss
// [32][8][2], a slab at a time, all of 16 bits; then, as float32, what an integer of each row, of each class's weights and of
// each class's gradient stands for, and a 1, which is what it stands for in every dimension.
import { addFixedProducts, addNarrowFixedProducts } from "./fixed-products";
import { isNarrow } from "./narrow";
import { quantiseClasses, quantiseRows, transposeRows, WEIGHTS_LENGTH } from "./quantise";
import { ROWS_AT_A_TIME } from "./rows";

/** Product of the lengths of a dimension and of a class's gradient as integers; what rounding adds to the latter is left out. */
const GRADIENT_LENGTHS: f32 = 2.1e9;
const ROUNDING_LENGTH: f32 = 4; // √64 / 2
const ROWS_LENGTH: f32 = 8; // √64: of a dimension over the rows, in units of its largest number

// @ts-ignore: decorator
@inline
function rowsIn(at: usize, dims: i32, slabs: i32): usize {
  return at + (<usize>(dims * slabs) << 4);
}

// @ts-ignore: decorator
@inline
function blockBytes(dims: i32): usize {
  return <usize>(dims * ROWS_AT_A_TIME) << 1;
}

// @ts-ignore: decorator
@inline
function unitsIn(at: usize, dims: i32, slabs: i32): usize {
  return rowsIn(at, dims, slabs) + 2 * blockBytes(dims) + <usize>(ROWS_AT_A_TIME << 4);
}

/** Bytes of scratch. */
export function fixedScratch(dims: i32, slabs: i32): i32 {
  return <i32>unitsIn(0, dims, slabs) + (ROWS_AT_A_TIME << 2) + (slabs << 5) + 32 + 4;
}

/** Weights w [slabs][dims][8] into scratch: before any product. */
export function quantiseWeights(w: usize, at: usize, dims: i32, slabs: i32): void {
  const units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2);
  for (let slab: usize = 0; slab < <usize>slabs; slab++) {
    quantiseClasses(w + slab * (<usize>dims << 5), 32, 0, dims, WEIGHTS_LENGTH, at + slab * (<usize>dims << 4), units + (slab << 5));
  }
}

/**
 * out [rows][slabs · 8] = x · w + bias, x: [rows][stride], up to 64 rows, a multiple of four. Leaves the rows in scratch, and
 * returns the size of their largest integer.
 */
export function fixedProducts(
  x: usize, bias: usize, out: usize, at: usize, rows: i32, dims: i32, stride: i32, outputs: i32,
): f32 {
  const slabs = (outputs + 7) >> 3;
  const ints = rowsIn(at, dims, slabs);
  const rowUnits = unitsIn(at, dims, slabs);
  const classUnits = rowUnits + <usize>(ROWS_AT_A_TIME << 2);
  const outBytes = <usize>slabs << 5;
  const largest = quantiseRows(x, ints, rowUnits, rows, dims, stride);
  for (let r = 0; r < rows; r++) memory.copy(out + <usize>r * outBytes, bias, outBytes);
  for (let slab = 0; slab < slabs; slab++) {
    const column = <usize>slab << 5;
    const w = at + <usize>slab * (<usize>dims << 4);
    if (slab == slabs - 1 && isNarrow(outputs))
      addNarrowFixedProducts(ints, <usize>dims << 1, w, dims, rowUnits, 4, classUnits + column, out + column, outBytes, rows);
    else addFixedProducts(ints, <usize>dims << 1, w, dims, rowUnits, 4, classUnits + column, out + column, outBytes, rows);
  }
  return largest;
}

/** gradient [slabs][dims][8] += xᵀ · g of the rows that `fixedProducts` left in scratch. g: [rows][slabs · 8]. */
export function addFixedGradient(
  g: usize, gradient: usize, at: usize, rows: i32, dims: i32, outputs: i32, largest: f32,
): void {
  const slabs = (outputs + 7) >> 3;
  const ints = rowsIn(at, dims, slabs);
  const columns = ints + blockBytes(dims);
  const errors = columns + blockBytes(dims);
  const rowUnits = unitsIn(at, dims, slabs);
  const errorUnits = rowUnits + <usize>(ROWS_AT_A_TIME << 2) + (<usize>slabs << 5);
  const eights = (rows + 7) & ~7;
  memory.fill(ints + (<usize>(rows * dims) << 1), 0, <usize>((eights - rows) * dims) << 1);
  memory.fill(errors + (<usize>rows << 4), 0, <usize>(eights - rows) << 4);
  transposeRows(ints, columns, eights, dims);
  const length = GRADIENT_LENGTHS / (ROWS_LENGTH * max(largest, 1)) - ROUNDING_LENGTH;
  store<f32>(errorUnits, 1, 32);
  for (let slab = 0; slab < slabs; slab++) {
    quantiseClasses(g + (<usize>slab << 5), <usize>slabs << 5, rowUnits, rows, length, errors, errorUnits);
    const out = gradient + <usize>slab * (<usize>dims << 5);
    if (slab == slabs - 1 && isNarrow(outputs))
      addNarrowFixedProducts(columns, 128, errors, eights, errorUnits + 32, 0, errorUnits, out, 32, dims);
    else addFixedProducts(columns, 128, errors, eights, errorUnits + 32, 0, errorUnits, out, 32, dims);
  }
}
