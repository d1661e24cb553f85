// The two products of a linear head in fixed point: integers of 16 bits, whose sums are exact, in place of float32. Rounding
// moves a loss by some 1e-5 of it: enough for all steps of a fit but its last ones, at half the time.
//
// `at` is scratch: weights [slabs][dims / 2][8][2]; columns, 64 rows of eight dimensions [8][64], and the gradient of the loss
// [slabs][32][8][2], all of 16 bits; then, as float32, what an integer of each row, of each class's weights and of each
// class's gradient stands for, and a 1, which is what it stands for in every dimension.
import { addFixedProducts, addNarrowFixedProducts } from "./fixed-products";
import { integerRowBytes, integersOf, largestInteger } from "./integers";
import { isNarrow } from "./narrow";
import { gatherColumns, quantiseClasses, WEIGHTS_LENGTH } from "./quantise";
import { ROWS_AT_A_TIME } from "./rows";

/** Product of the lengths of a dimension and of a class's gradient as integers; what rounding adds to the latter is left out. */
const GRADIENT_LENGTHS: f32 = 2.1e9;
const ROUNDING_LENGTH: f32 = 4; // √64 / 2
const ROWS_LENGTH: f32 = 8; // √64: of a dimension over the rows, in units of its largest number

const COLUMN_BYTES: usize = <usize>ROWS_AT_A_TIME << 1;
const COLUMNS_BYTES: usize = COLUMN_BYTES << 3;

// @ts-ignore: decorator
@inline
function columnsIn(at: usize, dims: i32, slabs: i32): usize {
  return at + (<usize>(dims * slabs) << 4);
}

// @ts-ignore: decorator
@inline
function errorsIn(at: usize, dims: i32, slabs: i32): usize {
  return columnsIn(at, dims, slabs) + COLUMNS_BYTES;
}

/** Bytes of one slab's errors. */
const ERRORS_BYTES: usize = <usize>ROWS_AT_A_TIME << 4;

// @ts-ignore: decorator
@inline
function unitsIn(at: usize, dims: i32, slabs: i32): usize {
  return errorsIn(at, dims, slabs) + <usize>slabs * ERRORS_BYTES;
}

/** Bytes of scratch. */
export function fixedScratch(dims: i32, slabs: i32): i32 {
  return <i32>unitsIn(0, dims, slabs) + (ROWS_AT_A_TIME << 2) + (slabs << 6) + 4;
}

/** Weights w [slabs][dims][8] into scratch: before any product. */
export function quantiseWeights(w: usize, at: usize, dims: i32, slabs: i32): void {
  const units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2);
  for (let slab: usize = 0; slab < <usize>slabs; slab++) {
    quantiseClasses(w + slab * (<usize>dims << 5), 32, 0, dims, WEIGHTS_LENGTH, at + slab * (<usize>dims << 4), units + (slab << 5));
  }
}

/** out [rows][outBytes / 4] = x · w + bias; x: up to 64 rows of integers, a multiple of four. */
export function fixedProducts(
  x: usize, bias: usize, out: usize, outBytes: usize, at: usize, rows: i32, dims: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const rowBytes = integerRowBytes(dims);
  const classUnits = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2);
  for (let r = 0; r < rows; r++) memory.copy(out + <usize>r * outBytes, bias, <usize>slabs << 5);
  for (let slab = 0; slab < slabs; slab++) {
    const column = <usize>slab << 5;
    const w = at + <usize>slab * (<usize>dims << 4);
    if (slab == slabs - 1 && isNarrow(outputs))
      addNarrowFixedProducts(integersOf(x), rowBytes, w, dims, x, rowBytes, classUnits + column, out + column, outBytes, rows);
    else addFixedProducts(integersOf(x), rowBytes, w, dims, x, rowBytes, classUnits + column, out + column, outBytes, rows);
  }
}

/** gradient [slabs][dims][8] += xᵀ · g; x: as above; g: [rows][gBytes / 4]. */
export function addFixedGradient(
  x: usize, g: usize, gBytes: usize, gradient: usize, at: usize, rows: i32, dims: i32, outputs: i32,
): void {
  const slabs = (outputs + 7) >> 3;
  const columns = columnsIn(at, dims, slabs);
  const errors = errorsIn(at, dims, slabs);
  const units = unitsIn(at, dims, slabs) + <usize>(ROWS_AT_A_TIME << 2) + (<usize>slabs << 5);
  const one = units + (<usize>slabs << 5);
  const eights = (rows + 7) & ~7;
  store<f32>(one, 1);
  quantiseErrors(x, g, gBytes, at, rows, dims, slabs);
  for (let d = 0; d < dims; d += 8) {
    gatherColumns(integersOf(x) + (<usize>d << 1), integerRowBytes(dims), columns, rows);
    for (let slab = 0; slab < slabs; slab++) {
      const from = errors + <usize>slab * ERRORS_BYTES;
      const out = gradient + ((<usize>slab * <usize>dims + <usize>d) << 5);
      if (slab == slabs - 1 && isNarrow(outputs))
        addNarrowFixedProducts(columns, COLUMN_BYTES, from, eights, one, 0, units + (<usize>slab << 5), out, 32, 8);
      else addFixedProducts(columns, COLUMN_BYTES, from, eights, one, 0, units + (<usize>slab << 5), out, 32, 8);
    }
  }
}

/** g, each row's in its unit, into scratch as integers. */
function quantiseErrors(x: usize, g: usize, gBytes: usize, at: usize, rows: i32, dims: i32, slabs: i32): void {
  const errors = errorsIn(at, dims, slabs);
  const rowUnits = unitsIn(at, dims, slabs);
  const units = rowUnits + <usize>(ROWS_AT_A_TIME << 2) + (<usize>slabs << 5);
  const rowBytes = integerRowBytes(dims);
  for (let r: usize = 0; r < <usize>rows; r++) store<f32>(rowUnits + (r << 2), load<f32>(x + r * rowBytes));
  const length = GRADIENT_LENGTHS / (ROWS_LENGTH * <f32>max(largestInteger(x, rows, rowBytes), 1)) - ROUNDING_LENGTH;
  for (let slab: usize = 0; slab < <usize>slabs; slab++) {
    const out = errors + slab * ERRORS_BYTES;
    quantiseClasses(g + (slab << 5), gBytes, rowUnits, rows, length, out, units + (slab << 5));
    memory.fill(out + (<usize>rows << 4), 0, <usize>(((rows + 7) & ~7) - rows) << 4);
  }
}
