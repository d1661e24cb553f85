// The diagonal of the Hessian. With one dimension and a bias it is the exact Hessian.
import { describe, expect, it } from "vitest";
import {
  aboutMeans,
  type Diagonal,
  diagonalOf,
  inverseTimes,
  stretchOf,
} from "../../../src/engine/optimisers/diagonal.ts";
import { SLAB, slabIndex } from "../../../src/tensor/products.ts";
import { normals, seededRandom } from "../../support/random.ts";

const [ROWS, OUTPUTS, DIMS, L2] = [50, 11, SLAB, 0.01];
const PADDED = 2 * SLAB;
const WEIGHTS = PADDED * DIMS;

/** One dimension far from zero, with row weights that differ between outputs. The other dimensions are padding. */
function sumsOf(x: Float32Array, weightOf: (row: number, output: number) => number): Float32Array {
  const sums = new Float32Array(2 * WEIGHTS + PADDED);
  x.forEach((value, r) => {
    for (let k = 0; k < OUTPUTS; k++) {
      const at = slabIndex(DIMS, 0, k);
      [at, WEIGHTS + at, 2 * WEIGHTS + k].forEach((i, power) => {
        sums[i] = (sums[i] as number) + weightOf(r, k) * ([value, value * value, 1][power] as number);
      });
    }
  });
  return sums;
}

const random = seededRandom(8);
const x = normals(random, ROWS).map((value) => 3 + value);
const weights = Float32Array.from({ length: ROWS * OUTPUTS }, () => 0.01 + 0.24 * random.next());
const weightOf = (r: number, k: number): number => weights[r * OUTPUTS + k] as number;

describe("a measured diagonal", () => {
  const measured = diagonalOf(sumsOf(x, weightOf), ROWS, DIMS);

  it("inverts the effect of each output's Hessian on a step", () => {
    const step = normals(random, WEIGHTS + PADDED).map((value, i) =>
      i >= WEIGHTS ? (i < WEIGHTS + OUTPUTS ? value : 0) : i % (SLAB * DIMS) < SLAB ? value : 0,
    );
    const turned = new Float32Array(step.length);
    for (let k = 0; k < OUTPUTS; k++) {
      const [at, bias] = [slabIndex(DIMS, 0, k), WEIGHTS + k];
      const [w, b] = [step[at] as number, step[bias] as number];
      x.forEach((value, r) => {
        const along = (weightOf(r, k) * (w * value + b)) / ROWS;
        turned[at] = (turned[at] as number) + along * value;
        turned[bias] = (turned[bias] as number) + along;
      });
      turned[at] = (turned[at] as number) + L2 * w;
    }
    const found = inverseTimes(measured, L2, turned);
    for (let k = 0; k < OUTPUTS; k++) {
      expect(found[slabIndex(DIMS, 0, k)]).toBeCloseTo(step[slabIndex(DIMS, 0, k)] as number, 3);
      expect(found[WEIGHTS + k]).toBeCloseTo(step[WEIGHTS + k] as number, 2);
    }
  });

  it("stretches the shared matrix to the measured variance of each output", () => {
    const shared = Float64Array.from({ length: DIMS }, (_, d) => 0.1 + d / 7);
    stretchOf(measured, shared, L2).forEach((stretch, at) => {
      const inverse = 1 / ((shared[Math.floor(at / SLAB) % DIMS] as number) + L2);
      expect(stretch * inverse * stretch).toBeCloseTo(1 / ((measured.variance[at] as number) + L2), 3);
    });
  });

  it("stays finite for an output that is certain about every row, and for dimensions that do not vary", () => {
    const nothing = diagonalOf(new Float32Array(2 * WEIGHTS + PADDED), ROWS, DIMS);
    const constant = diagonalOf(sumsOf(new Float32Array(ROWS).fill(1e4), weightOf), ROWS, DIMS);
    for (const diagonal of [nothing, constant]) {
      const found = inverseTimes(diagonal, 0, new Float32Array(WEIGHTS + PADDED).fill(1));
      expect(found.every(Number.isFinite)).toBe(true);
    }
    expect(constant.variance.every((variance) => variance >= 0)).toBe(true);
  });
});

describe("a diagonal that is centred at each output's means", () => {
  const [CURVATURE, OFF] = [0.2, 0.5];
  const means = normals(random, WEIGHTS).map((value) => 2 * value);
  const diagonal: Diagonal = {
    curvature: new Float32Array(PADDED).fill(CURVATURE),
    mean: means,
    variance: new Float32Array(WEIGHTS),
    isMeasured: true,
  };
  /** The dimension that is correlated with `d`. Every dimension is in one such pair. */
  const other = (d: number): number => d ^ 1;
  const columns = Array.from({ length: PADDED }, (_, k) =>
    Array.from({ length: DIMS }, (_, d) => slabIndex(DIMS, d, k)),
  );

  /** Multiplies in place by the inverse of the covariance: variance 1, and OFF with the other dimension. */
  function solve(weights: Float32Array): void {
    for (const at of columns) {
      const before = at.map((i) => weights[i] as number);
      before.forEach((own, d) => {
        weights[at[d] as number] = (own - OFF * (before[other(d)] as number)) / (CURVATURE * (1 - OFF * OFF));
      });
    }
  }

  it("inverts the whole Hessian, including biases, by the inverse covariance of features", () => {
    const step = normals(random, WEIGHTS + PADDED);
    const turned = new Float32Array(step.length);
    columns.forEach((at, k) => {
      const w = at.map((i) => step[i] as number);
      const along = at.reduce(
        (sum, i, d) => sum + (means[i] as number) * (w[d] as number),
        step[WEIGHTS + k] as number,
      );
      at.forEach((i, d) => {
        turned[i] = CURVATURE * ((w[d] as number) + OFF * (w[other(d)] as number) + (means[i] as number) * along);
      });
      turned[WEIGHTS + k] = CURVATURE * along;
    });
    aboutMeans(diagonal, turned, solve).forEach((value, i) => {
      expect(value).toBeCloseTo(step[i] as number, 3);
    });
  });

  it("does not modify the gradient", () => {
    const gradient = normals(random, WEIGHTS + PADDED);
    const before = gradient.slice();
    aboutMeans(diagonal, gradient, solve);
    inverseTimes(diagonal, L2, gradient);
    expect(gradient).toEqual(before);
  });
});
