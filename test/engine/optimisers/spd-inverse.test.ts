// The inverse of a symmetric positive definite matrix, some rows at a time.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord } from "../../../src/core/record.ts";
import {
  type Inversion,
  inverseOf,
  rowsOfInversion,
  startInversion,
  transposedFactorOf,
} from "../../../src/engine/optimisers/spd-inverse.ts";
import { bootTensor } from "../../../src/tensor/boot.ts";
import { invertRows } from "../../../src/tensor/inversion.ts";
import { liveTensors } from "../../../src/tensor/scope.ts";
import { normals, seededRandom } from "../../support/random.ts";

/** AᵀA / dims + ridge·1, with only the lower triangle filled in. */
function matrixOf(dims: number, ridge = 0.1): Float64Array {
  const a = normals(seededRandom(dims), dims * dims);
  const matrix = new Float64Array(dims * dims).fill(Number.NaN);
  for (let r = 0; r < dims; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = r === c ? ridge : 0;
      for (let k = 0; k < dims; k++) sum += ((a[k * dims + r] as number) * (a[k * dims + c] as number)) / dims;
      matrix[r * dims + c] = sum;
    }
  }
  return matrix;
}

const symmetric = (matrix: Float64Array, dims: number) => (r: number, c: number) =>
  matrix[Math.max(r, c) * dims + Math.min(r, c)] as number;

interface Taking {
  /** Rows processed at once. */
  readonly rows?: number;
  between?(inversion: Inversion): Inversion;
}

function inverted(matrix: Float64Array, dims: number, { rows = 3 * dims, between = (same) => same }: Taking = {}) {
  let inversion = startInversion(matrix.slice(), dims);
  for (let from = 0; from < rowsOfInversion(dims); from += rows) {
    const count = Math.min(rows, rowsOfInversion(dims) - from);
    expect(invertRows(inversion, from, count)).toBe(count);
    inversion = between(inversion);
  }
  return inversion;
}

beforeAll(bootTensor);

describe.each([1, 2, 5, 8, 33])("a matrix of %i dimensions", (dims) => {
  const matrix = matrixOf(dims);
  const at = symmetric(matrix, dims);

  it("times its inverse is the identity", () => {
    const inverse = inverseOf(inverted(matrix, dims));
    for (let r = 0; r < dims; r++) {
      for (let c = 0; c < dims; c++) {
        let sum = 0;
        for (let k = 0; k < dims; k++) sum += at(r, k) * (inverse[k * dims + c] as number);
        expect(sum).toBeCloseTo(r === c ? 1 : 0, 4);
      }
    }
  });

  it("has an inverse that equals the transposed factor times the factor", () => {
    const done = inverted(matrix, dims);
    const [inverse, factor] = [inverseOf(done), transposedFactorOf(done)];
    for (let r = 0; r < dims; r++) {
      for (let c = 0; c < dims; c++) {
        let sum = 0;
        for (let k = 0; k < dims; k++) sum += (factor[r * dims + k] as number) * (factor[c * dims + k] as number);
        expect(sum).toBeCloseTo(inverse[r * dims + c] as number, 4);
      }
    }
  });
});

it.each([1, 2, 7])(
  "the inverse is the same, bit for bit, if it is stored and read back after every %i rows",
  (rows) => {
    const stored = (inversion: Inversion) => decodeRecord<Inversion>(encodeRecord(inversion));
    const [pieces, whole] = [inverted(matrixOf(9), 9, { rows, between: stored }), inverted(matrixOf(9), 9)];
    expect([inverseOf(pieces), transposedFactorOf(pieces)]).toEqual([inverseOf(whole), transposedFactorOf(whole)]);
  },
);

it("the inverse is correct if dimensions differ by a factor of a million", () => {
  const matrix = Float64Array.of(1e6, 0, 0, 1e-6);
  expect([...inverseOf(inverted(matrix, 2))]).toEqual([Math.fround(1e-6), 0, 0, 1e6]);
});

it.each([
  ["indefinite", Float64Array.of(1, 0, 2, 1)],
  ["singular", Float64Array.of(1, 0, 1, 1)],
  ["not a number", Float64Array.of(1, 0, Number.NaN, 1)],
])("the inversion reports that a matrix has no inverse, at the row where it is found to be %s", (_, matrix) => {
  const inversion = startInversion(matrix, 2);
  expect(invertRows(inversion, 0, 6)).toBe(1);
});

it("the inversion leaves nothing on the heap", () => {
  const before = liveTensors();
  inverted(matrixOf(5), 5);
  expect(liveTensors()).toEqual(before);
});
