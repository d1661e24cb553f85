// Rows as 16-bit integers with one unit per row, compared with float64.
import { beforeAll, describe, expect, it } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor, paddedDims } from "../../src/tensor/features.ts";
import { linearLogits } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { slabWeights, unpadColumns, withFeatures } from "../support/linear-algebra.ts";
import { normals, seededRandom } from "../support/random.ts";

beforeAll(() => bootTensor());

const ones = (dims: number): Float32Array => new Float32Array(dims).fill(1);
const zeros = (dims: number): Float32Array => new Float32Array(dims);

interface Row {
  readonly unit: number;
  readonly largest: number;
  readonly integers: Int16Array;
}

/** The stored form of `features` [rows][dims], with padding rows and dimensions. */
function encoded(features: Float32Array, dims: number, mean = zeros(dims), inverse = ones(dims)): Row[] {
  const tensor = FeatureTensor.encode(features, mean, inverse);
  const { buffer } = tensor.bytesKept();
  tensor.dispose();
  const [header, rowBytes] = [16, 16 + 2 * paddedDims(dims)];
  return Array.from({ length: buffer.byteLength / rowBytes }, (_, r) => ({
    unit: new Float32Array(buffer, r * rowBytes)[0] as number,
    largest: new Int32Array(buffer, r * rowBytes)[1] as number,
    integers: new Int16Array(buffer, r * rowBytes + header, paddedDims(dims)),
  }));
}

function widened(features: Float32Array, dims: number): Float32Array {
  const tensor = FeatureTensor.encode(features, zeros(dims), ones(dims));
  const values = tensor.widened(dims);
  tensor.dispose();
  return features.map((_, i) => values[Math.floor(i / dims) * paddedDims(dims) + (i % dims)] as number);
}

const encodedRow = (values: readonly number[]): Row => encoded(Float32Array.from(values), values.length)[0] as Row;

/** The unit of a row: the larger of its length / 64,000 and its largest number / 32,767. */
function unitOf(row: readonly number[]): number {
  const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  return Math.max(length / 64_000, Math.max(...row.map(Math.abs)) / 32_767);
}

describe.each([
  [1, 1],
  [5, 7],
  [66, 12],
  [9, 256],
  [3, 4096],
])("%i rows of %i dimensions", (rows, dims) => {
  const features = normals(seededRandom(rows), rows * dims, 3);
  const mean = normals(seededRandom(1), dims);
  const inverse = normals(seededRandom(2), dims).map((value) => 0.1 + Math.abs(value));

  it("are centred and scaled, and then rounded to integers in the row's unit", () => {
    const stored = encoded(features, dims, mean, inverse);
    for (let r = 0; r < rows; r++) {
      const row = Array.from({ length: dims }, (_, d) => {
        const centred = Math.fround((features[r * dims + d] as number) - (mean[d] as number));
        return Math.fround(centred * (inverse[d] as number));
      });
      const { unit, largest, integers } = stored[r] as Row;
      expect(unit / unitOf(row)).toBeCloseTo(1, 5);
      expect(largest).toBe(Math.max(...integers.map(Math.abs)));
      row.forEach((value, d) => {
        expect(Math.abs((integers[d] as number) - value / unit)).toBeLessThanOrEqual(0.5 + 0.01);
      });
    }
  });

  it("are zero in the padding", () => {
    const stored = encoded(features, dims, mean, inverse);
    expect(stored.length).toBe((rows + 3) & ~3);
    for (const { integers } of stored)
      expect([...integers.subarray(dims)].every((integer) => integer === 0)).toBe(true);
    for (const { unit, largest, integers } of stored.slice(rows))
      expect([unit, largest, ...integers].every((number) => number === 0)).toBe(true);
  });

  it("have the same values in every kernel, even after storage", () => {
    const values = widened(features, dims);
    const weights = normals(seededRandom(3), dims * 3);
    const head = slabWeights({ rows, dims, classes: 3, x: values, weights, bias: ones(3) });
    const single = withFeatures(values, rows, dims, (x) => linearLogits(x, head));
    const tensor = FeatureTensor.encode(features, zeros(dims), ones(dims));
    const again = FeatureTensor.integers(tensor.bytesKept(), rows, dims);
    const logits = [tensor, again].map((x) => unpadColumns(linearLogits(x, head), rows, 3));
    for (const x of [tensor, again]) x.dispose();
    expect(logits).toEqual([unpadColumns(single, rows, 3), unpadColumns(single, rows, 3)]);
  });

  it("leave no tensor behind", () => {
    const before = liveTensors();
    encoded(features, dims);
    expect(liveTensors()).toBe(before);
  });
});

describe("a row", () => {
  it("is as precise as 16 bits allow if it has one number", () => {
    for (const value of [1e-29, 1e-3, 1, -3.7, 59_999]) {
      const [near = 0] = widened(Float32Array.of(value), 1);
      expect(near / value).toBeCloseTo(1, 6);
    }
  });

  it("is zero if it has only zeros, or if an inverse is infinite", () => {
    expect(encodedRow([0, 0, 0]).unit).toBe(0);
    const { unit, integers } = encodedRow([1e-36, -1e-38, 0]);
    expect([unit, ...integers]).toEqual(new Array(9).fill(0));
  });

  it("keeps its numbers to 1/64,000 of a far larger number in it", () => {
    const [large = 0, ...small] = widened(Float32Array.of(1_000, 1, -1, 0.5), 4);
    expect(large).toBeCloseTo(1_000, 1);
    [1, -1, 0.5].forEach((value, i) => {
      expect(Math.abs((small[i] as number) - value)).toBeLessThanOrEqual(1_000 / 64_000);
    });
  });

  it("is clipped at ±60,000, infinite numbers included", () => {
    const far = [1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect([...encodedRow(far).integers.subarray(0, 4)]).toEqual([32_000, -32_000, 32_000, -32_000]);
    expect(encodedRow(far).unit * 32_000).toBeCloseTo(60_000, 1);
  });
});
