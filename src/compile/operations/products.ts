// Matrix products of the interpreter, in float64 with four rows and four columns in registers: about a billion products a second.
import { largest } from "../tensor.ts";

const SIDE = 4;

/** [rows, depth] · [depth, columns] → [rows, columns] */
export function product(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  rows: number,
  depth: number,
  columns: number,
): Float32Array {
  const result = new Float32Array(rows * columns);
  const left = packedRows(a, rows, depth);
  const panel = new Float64Array(depth * SIDE);
  for (let column = 0; column < columns; column += SIDE) {
    packColumns(b, depth, columns, column, panel);
    for (let row = 0; row < rows; row += SIDE)
      writeTile(left.subarray(row * depth, (row + SIDE) * depth), panel, depth, { result, row, rows, column, columns });
  }
  return result;
}

/** Rows in groups of four: [rows / 4][depth][4]. Missing rows are zeros. */
function packedRows(a: ArrayLike<number>, rows: number, depth: number): Float64Array {
  const packed = new Float64Array(Math.ceil(rows / SIDE) * SIDE * depth);
  for (let row = 0; row < rows; row++) {
    const at = (row - (row % SIDE)) * depth + (row % SIDE);
    for (let k = 0; k < depth; k++) packed[at + k * SIDE] = a[row * depth + k] as number;
  }
  return packed;
}

function packColumns(b: ArrayLike<number>, depth: number, columns: number, first: number, panel: Float64Array): void {
  for (let k = 0; k < depth; k++)
    for (let lane = 0; lane < SIDE; lane++)
      panel[k * SIDE + lane] = first + lane < columns ? (b[k * columns + first + lane] as number) : 0;
}

interface Tile {
  readonly result: Float32Array;
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

const sums = new Float64Array(SIDE * SIDE);

function writeTile(left: Float64Array, panel: Float64Array, depth: number, tile: Tile): void {
  const { result, row, rows, column, columns } = tile;
  for (let half = 0; half < SIDE; half += 2) sumTwoRows(left, panel, depth, half);
  for (let i = 0; i < Math.min(SIDE, rows - row); i++)
    for (let j = 0; j < Math.min(SIDE, columns - column); j++)
      result[(row + i) * columns + column + j] = sums[i * SIDE + j] as number;
}

/** Eight sums at a time: with sixteen, V8 runs out of registers. */
function sumTwoRows(left: Float64Array, panel: Float64Array, depth: number, first: number): void {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let at = 0; at < depth * SIDE; at += SIDE) {
    const a = left[at + first] as number;
    const b = left[at + first + 1] as number;
    const w0 = panel[at] as number;
    const w1 = panel[at + 1] as number;
    const w2 = panel[at + 2] as number;
    const w3 = panel[at + 3] as number;
    a0 += a * w0;
    a1 += a * w1;
    a2 += a * w2;
    a3 += a * w3;
    b0 += b * w0;
    b1 += b * w1;
    b2 += b * w2;
    b3 += b * w3;
  }
  sums.set([a0, a1, a2, a3, b0, b1, b2, b3], first * SIDE);
}

/** Each row of `depth` numbers as the integers up to `limit` that a product with int8 weights reads, times the row's scale. */
export function quantisedRows(data: Float32Array, depth: number, limit: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += depth) {
    const values = data.subarray(row, row + depth);
    const scale = largest(values, Math.abs) / limit;
    if (scale > 0)
      for (let at = 0; at < depth; at++) result[row + at] = Math.round((values[at] as number) / scale) * scale;
  }
  return result;
}
