// Rows at half precision against the rounding that IEEE 754 prescribes.
import { beforeAll, describe, expect, test } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor, paddedDims } from "../../src/tensor/features.ts";
import { linearLogits } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { nearestHalf, valueOfHalf } from "../support/half.ts";
import { slabWeights, unpadColumns, withFeatures } from "../support/linear-algebra.ts";
import { normals, seededRandom } from "../support/random.ts";

beforeAll(() => bootTensor());

const ones = (dims: number): Float32Array => new Float32Array(dims).fill(1);

/** What `features` [rows][dims] become: as bytes, and as numbers without the padding. */
function encoded(
  features: Float32Array,
  dims: number,
  mean: Float32Array = new Float32Array(dims),
  inverse: Float32Array = ones(dims),
) {
  const tensor = FeatureTensor.encode(features, mean, inverse);
  const halves = new Uint16Array(tensor.bytesKept().buffer);
  tensor.dispose();
  const width = paddedDims(dims);
  const at = (i: number): number => halves[Math.floor(i / dims) * width + (i % dims)] as number;
  return { halves, width, values: Float64Array.from(features, (_, i) => valueOfHalf(at(i))) };
}

const encodedOne = (values: readonly number[]): number[] => [...encoded(Float32Array.from(values), 1).values];

describe("rounding to half precision", () => {
  const random = seededRandom(5);
  const values = Float32Array.from({ length: 5_000 }, () => random.normal() * 2 ** (random.below(44) - 28));

  test("takes the nearest half, over the whole range of exponents", () => {
    const normal = values.filter((value) => Math.abs(value) >= 2 ** -14);
    expect(encoded(normal, 1).values).toEqual(Float64Array.from(normal, nearestHalf));
  });

  // Scaling rounds them once before: to 13 bits beyond a half's last.
  test("takes one as near, to a part in thousands, where halves are subnormal", () => {
    const subnormal = values.filter((value) => Math.abs(value) < 2 ** -14);
    expect(subnormal.length).toBeGreaterThan(1_000);
    const gaps = encoded(subnormal, 1).values.map((half, i) => {
      const value = subnormal[i] as number;
      return Math.abs(half - value) - Math.abs(nearestHalf(value) - value);
    });
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 ** -36);
  });

  test("gives every half back", () => {
    const all = Array.from({ length: 0x7c00 }, (_, bits) => valueOfHalf(bits)).filter((value) => value <= 60_000);
    const signed = [...all, ...all.map((value) => -value)];
    expect(encodedOne(signed)).toEqual(signed);
  });

  test("rounds ties to even, up and down", () => {
    const step = 2 ** -10;
    expect(encodedOne([1 + step / 2, 1 + 1.5 * step, -1 - step / 2, -1 - 1.5 * step])).toEqual([
      ...[1, 1 + 2 * step, -1, -1 - 2 * step],
    ]);
  });

  test("carries into the next power of two", () => {
    expect(encodedOne([1.9999, 2047.9, 0.00006103])).toEqual([2, 2048, 2 ** -14]);
  });

  test("keeps subnormals, and rounds what is half of the smallest to zero", () => {
    const smallest = 2 ** -24;
    expect(encodedOne([smallest, 3 * smallest, 1.5 * smallest, smallest / 2, 0.51 * smallest, 1e-30])).toEqual([
      ...[smallest, 3 * smallest, 2 * smallest, 0, smallest, 0],
    ]);
  });

  test("cuts at ±60,000, infinity too", () => {
    const values = [59_999, 60_000, 65_504, 1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(encodedOne(values)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000, -60_000]);
  });
});

describe.each([
  [1, 1],
  [5, 7],
  [66, 12],
  [9, 256],
])("%i rows of %i dimensions", (rows, dims) => {
  const features = normals(seededRandom(rows), rows * dims, 3);

  test("are centred and scaled before they are rounded", () => {
    const mean = normals(seededRandom(1), dims);
    const inverse = normals(seededRandom(2), dims).map((value) => 0.1 + Math.abs(value));
    const scaled = features.map((value, i) => {
      const centred = Math.fround(value - (mean[i % dims] as number));
      return centred * (inverse[i % dims] as number);
    });
    expect(encoded(features, dims, mean, inverse).values).toEqual(Float64Array.from(scaled, nearestHalf));
  });

  test("are zero in the padding", () => {
    const { halves, width } = encoded(features, dims);
    expect(halves.length).toBe(((rows + 3) & ~3) * width);
    const padding = halves.filter((_, i) => i % width >= dims || i >= rows * width);
    expect(padding.every((bits) => (bits & 0x7fff) === 0)).toBe(true);
  });

  test("compute to the bits that the same values do as float32", () => {
    const halves = features.map(nearestHalf);
    const head = {
      rows,
      dims,
      classes: 3,
      x: halves,
      ...{ weights: normals(seededRandom(3), dims * 3), bias: ones(3) },
    };
    const single = withFeatures(halves, rows, dims, (x) => linearLogits(x, slabWeights(head)));
    const tensor = FeatureTensor.encode(features, new Float32Array(dims), ones(dims));
    const again = FeatureTensor.halves(tensor.bytesKept(), rows, dims);
    const logits = [tensor, again].map((x) => unpadColumns(linearLogits(x, slabWeights(head)), rows, 3));
    for (const x of [tensor, again]) x.dispose();
    expect(logits).toEqual([unpadColumns(single, rows, 3), unpadColumns(single, rows, 3)]);
  });

  test("leave no tensor behind", () => {
    const before = liveTensors();
    encoded(features, dims);
    expect(liveTensors()).toBe(before);
  });
});
