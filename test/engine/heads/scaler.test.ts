// Centring and scaling, compared with the two-pass formulas of textbooks.
import { describe, expect, it } from "vitest";
import {
  addRows,
  emptyMoments,
  type FittedScaler,
  type Scaling,
  scaleRows,
  scalerOf,
  scaleTargets,
} from "../../../src/engine/heads/scaler.ts";
import { bootTensor } from "../../../src/tensor/boot.ts";
import { FeatureTensor, strideOf } from "../../../src/tensor/features.ts";
import { normals, seededRandom } from "../../support/random.ts";

/** Mean and population standard deviation of column `d`. */
function columnOf(features: Float32Array, dims: number, d: number): { mean: number; deviation: number } {
  const values = Array.from({ length: features.length / dims }, (_, r) => features[r * dims + d] as number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Columns with different centres and deviations. */
function sample(rows: number, dims: number): Float32Array {
  const random = seededRandom(rows + dims);
  return Float32Array.from(
    { length: rows * dims },
    (_, i) => 3 * (i % dims) + random.normal() * 10 ** ((i % dims) - 2),
  );
}

const fitted = (features: Float32Array, dims: number, scaling: Scaling = "standard"): FittedScaler =>
  scalerOf({ features: addRows(emptyMoments(dims), features), values: null, scaling });

describe("the fitted scaler", () => {
  const dims = 5;
  const features = sample(203, dims);

  it("holds the mean and the inverse standard deviation of every dimension", () => {
    const { mean, inverse, rows } = fitted(features, dims);
    expect(rows).toBe(203);
    for (let d = 0; d < dims; d++) {
      const direct = columnOf(features, dims, d);
      expect(mean[d]).toBeCloseTo(direct.mean, 5);
      expect((inverse[d] as number) * direct.deviation).toBeCloseTo(1, 5);
    }
  });

  it("is the same, to float32's precision, for any division of rows into blocks", () => {
    const whole = fitted(features, dims);
    const moments = emptyMoments(dims);
    for (const [from, to] of [
      [0, 1],
      [1, 64],
      [64, 200],
      [200, 203],
    ] as const)
      addRows(moments, features.subarray(from * dims, to * dims));
    const blocks = scalerOf({ features: moments, values: null, scaling: "standard" });
    for (let d = 0; d < dims; d++) {
      expect(blocks.mean[d]).toBeCloseTo(whole.mean[d] as number, 5);
      expect((blocks.inverse[d] as number) / (whole.inverse[d] as number)).toBeCloseTo(1, 5);
    }
  });

  it("keeps its precision far from zero, where squares would cancel", () => {
    const far = Float32Array.from({ length: 1_000 }, (_, r) => 100_000 + (r % 2));
    expect(fitted(far, 1).inverse[0]).toBeCloseTo(2, 6);
  });

  it("maps a dimension that never varies to zero, not to noise", () => {
    const constant = new Float32Array(300).fill(0.1);
    const scaler = fitted(constant, 1);
    expect(scaler.inverse[0]).toBe(1);
    expect(scaleRows(constant, scaler).every((value) => value === 0)).toBe(true);
  });

  it("ignores variation that rounding alone can explain", () => {
    const rounded = Float32Array.from({ length: 64 }, (_, r) => 1e6 + (r % 2) * 0.0625);
    expect(fitted(rounded, 1).inverse[0]).toBe(1);
  });

  it("scales a dimension that is small but varies", () => {
    const small = Float32Array.from({ length: 64 }, (_, r) => (r % 2) * 1e-12);
    const scaled = scaleRows(small, fitted(small, 1));
    expect(Math.abs(scaled[0] as number)).toBeCloseTo(1, 4);
  });
});

describe("the unit of deviations", () => {
  const random = seededRandom(21);
  /** Columns with the deviations `spreads`. */
  const columns = (spreads: readonly number[]): Float32Array =>
    Float32Array.from(
      { length: 400 * spreads.length },
      (_, i) => (spreads[i % spreads.length] as number) * random.normal(),
    );
  const ratios = (spreads: readonly number[], scaling: Scaling): number[] => {
    const { inverse } = fitted(columns(spreads), spreads.length, scaling);
    return [...inverse].map((value) => value / (inverse[0] as number));
  };
  const alike = [1, 2, 0.5, 3, 1, 1, 2, 0.7];
  const mixed = [1, 1_000, 0.001, 3, 1, 50, 2, 0.02];

  it("is the same for all dimensions if the scaling is uniform: their root mean square", () => {
    expect(ratios(mixed, "uniform")).toEqual(Array(8).fill(1));
    const { inverse } = fitted(columns(alike), 8, "uniform");
    const common = Math.sqrt(alike.reduce((sum, spread) => sum + spread * spread, 0) / 8);
    expect((inverse[0] as number) * common).toBeCloseTo(1, 1);
  });

  it("is each dimension's own if the scaling is standard", () => {
    ratios(alike, "standard").forEach((ratio, d) => {
      expect(ratio * (alike[d] as number)).toBeCloseTo(1, 0);
    });
  });

  it("is chosen by the ratio of the deviations", () => {
    expect(ratios(alike, "auto")).toEqual(Array(8).fill(1));
    expect(ratios(mixed, "auto")[1]).toBeCloseTo(0.001, 3);
  });

  it("is each dimension's own if one column varies far more than all others, even if the others are similar", () => {
    expect(ratios([...Array(30).fill(1), 100], "auto")[30]).toBeCloseTo(0.01, 2);
  });

  it("ignores dimensions that never vary", () => {
    expect(ratios([1, 0, 2, 0, 0, 0, 0, 0], "auto").filter((_, d) => d === 2)).toEqual([1]);
  });
});

describe("values of a regression", () => {
  const values = Float32Array.of(10, 20, 30, 40);
  const scaler = scalerOf({
    features: addRows(emptyMoments(1), Float32Array.of(1, 2, 3, 4)),
    scaling: "auto",
    values: addRows(emptyMoments(1), values),
  });

  it("are centred at their mean and divided by their standard deviation", () => {
    expect(scaler.target).toEqual({ mean: 25, deviation: Math.sqrt(125) });
    const scaled = [...(scaleTargets(values, scaler) as Float32Array)];
    expect(scaled[0]).toBeCloseTo(-15 / Math.sqrt(125), 6);
    expect(scaled.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
  });

  it("are divided by 1 if all are equal", () => {
    const features = addRows(emptyMoments(1), Float32Array.of(1, 2, 3));
    const constant = addRows(emptyMoments(1), new Float32Array(3).fill(0.1));
    const { target } = scalerOf({ features, values: constant, scaling: "auto" });
    expect(target.deviation).toBe(1);
    expect(target.mean).toBeCloseTo(0.1, 7);
  });

  it("the scaling of targets leaves labels unchanged", () => {
    const labels = Int32Array.of(0, 1, 2);
    expect(scaleTargets(labels, scaler)).toBe(labels);
    const sets = Uint8Array.of(3, 1);
    expect(scaleTargets(sets, scaler)).toBe(sets);
  });
});

describe("scaled rows", () => {
  it("have mean 0 and standard deviation 1", () => {
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

  it.each([
    [1, 1],
    [4, 8],
    [5, 6],
    [3, 256],
    [2, 1024],
  ])("are padded with zeros to the stride: %i rows of %i", (rows, dims) => {
    const features = normals(seededRandom(dims), rows * dims).map((value) => value + 10);
    const plain = { mean: new Float32Array(dims), inverse: new Float32Array(dims).fill(1) };
    const scaled = scaleRows(features, { ...plain, target: { mean: 0, deviation: 1 } });
    const stride = strideOf(dims);
    expect(scaled.length).toBe(rows * stride);
    for (let r = 0; r < rows; r++) {
      expect(scaled.subarray(r * stride, r * stride + dims)).toEqual(features.subarray(r * dims, (r + 1) * dims));
      expect(scaled.subarray(r * stride + dims, (r + 1) * stride).every((value) => value === 0)).toBe(true);
    }
  });
});

describe("clipping", () => {
  it("keeps features far from all others finite in training and in serving, with the same value", async () => {
    await bootTensor();
    const scaler = { mean: Float32Array.of(0), inverse: Float32Array.of(1e30), target: { mean: 0, deviation: 1 } };
    const features = Float32Array.of(3e38, -3e38, 1e-30, 0);
    const served = scaleRows(features, scaler);
    expect([0, 1, 2, 3].map((r) => served[r * strideOf(1)])).toEqual([60_000, -60_000, 1, 0]);
    const rows = FeatureTensor.encode(features, scaler.mean, scaler.inverse);
    const stored = rows.widened(1);
    rows.dispose();
    [60_000, -60_000, 1, 0].forEach((value, r) => {
      expect(stored[8 * r]).toBeCloseTo(value, 2);
    });
  });
});
