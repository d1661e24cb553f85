// Centring and scaling against the textbook's two-pass formulas.
import { describe, expect, test } from "vitest";
import { addRows, emptyMoments, scaleRows, scalerOf } from "../../../src/engine/heads/scaler.ts";
import { strideOf } from "../../../src/tensor/products.ts";
import { normals, seededRandom } from "../../support/random.ts";

/** Mean and population standard deviation of column `d`. */
function columnOf(features: Float32Array, dims: number, d: number): { mean: number; deviation: number } {
  const values = Array.from({ length: features.length / dims }, (_, r) => features[r * dims + d] as number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Columns of different centres and spreads. */
function sample(rows: number, dims: number): Float32Array {
  const random = seededRandom(rows + dims);
  return Float32Array.from(
    { length: rows * dims },
    (_, i) => 3 * (i % dims) + random.normal() * 10 ** ((i % dims) - 2),
  );
}

const fitted = (features: Float32Array, dims: number) => scalerOf(addRows(emptyMoments(dims), features));

describe("the fitted scaler", () => {
  const dims = 5;
  const features = sample(203, dims);

  test("holds the mean and the inverse standard deviation of every dimension", () => {
    const { mean, inverse, rows } = fitted(features, dims);
    expect(rows).toBe(203);
    for (let d = 0; d < dims; d++) {
      const direct = columnOf(features, dims, d);
      expect(mean[d]).toBeCloseTo(direct.mean, 5);
      expect((inverse[d] as number) * direct.deviation).toBeCloseTo(1, 5);
    }
  });

  test("is the same, to float32's precision, however the rows come in blocks", () => {
    const whole = fitted(features, dims);
    const moments = emptyMoments(dims);
    for (const [from, to] of [
      [0, 1],
      [1, 64],
      [64, 200],
      [200, 203],
    ] as const)
      addRows(moments, features.subarray(from * dims, to * dims));
    const blocks = scalerOf(moments);
    for (let d = 0; d < dims; d++) {
      expect(blocks.mean[d]).toBeCloseTo(whole.mean[d] as number, 5);
      expect((blocks.inverse[d] as number) / (whole.inverse[d] as number)).toBeCloseTo(1, 5);
    }
  });

  test("keeps its precision far from zero, where squares would cancel", () => {
    const far = Float32Array.from({ length: 1_000 }, (_, r) => 100_000 + (r % 2));
    expect(fitted(far, 1).inverse[0]).toBeCloseTo(2, 6);
  });

  test("leaves a dimension that never varies unscaled: it becomes zero, not noise", () => {
    const constant = new Float32Array(300).fill(0.1);
    const scaler = fitted(constant, 1);
    expect(scaler.inverse[0]).toBe(1);
    expect(scaleRows(constant, scaler).every((value) => value === 0)).toBe(true);
  });

  test("takes variation that rounding alone explains for none", () => {
    const rounded = Float32Array.from({ length: 64 }, (_, r) => 1e6 + (r % 2) * 0.0625);
    expect(fitted(rounded, 1).inverse[0]).toBe(1);
  });

  test("scales a dimension that is small but varies", () => {
    const small = Float32Array.from({ length: 64 }, (_, r) => (r % 2) * 1e-12);
    const scaled = scaleRows(small, fitted(small, 1));
    expect(Math.abs(scaled[0] as number)).toBeCloseTo(1, 4);
  });
});

describe("scaled rows", () => {
  test("have mean 0 and standard deviation 1", () => {
    const [rows, dims] = [500, 3];
    const features = sample(rows, dims);
    const scaled = scaleRows(features, fitted(features, dims));
    const stride = strideOf(dims);
    for (let d = 0; d < dims; d++) {
      const { mean, deviation } = columnOf(scaled, stride, d);
      expect(mean).toBeCloseTo(0, 5);
      expect(deviation).toBeCloseTo(1, 5);
    }
  });

  test.each([
    [1, 1],
    [4, 8],
    [5, 6],
    [3, 256],
    [2, 1024],
  ])("are padded with zeros: %i rows of %i", (rows, dims) => {
    const features = normals(seededRandom(dims), rows * dims).map((value) => value + 10);
    const scaled = scaleRows(features, { mean: new Float32Array(dims), inverse: new Float32Array(dims).fill(1) });
    const stride = strideOf(dims);
    expect(scaled.length).toBe(Math.ceil(rows / 4) * 4 * stride);
    for (let r = 0; r < rows; r++) {
      expect(scaled.subarray(r * stride, r * stride + dims)).toEqual(features.subarray(r * dims, (r + 1) * dims));
      expect(scaled.subarray(r * stride + dims, (r + 1) * stride).every((value) => value === 0)).toBe(true);
    }
    expect(scaled.subarray(rows * stride).every((value) => value === 0)).toBe(true);
  });
});
