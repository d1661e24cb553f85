// The product kernels have the bits of a product number by number, for all sizes around the tiles of four rows and eight outputs.
import { describe, expect, it } from "vitest";
import { decodeWeight, encodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { floats } from "../../src/compile/tensor.ts";
import type { WeightFormat } from "../../src/contract/bundle/bundle.ts";
import { normals, seededRandom } from "../support/random.ts";
import { runOperation } from "../support/run-operation.ts";
import { floatProduct, integerProduct, type RoundedProduct } from "../support/scalar-products.ts";

/** [rows, inputs, outputs] */
const SHAPES = [
  [1, 1, 1],
  [1, 2, 8],
  [2, 3, 7],
  [3, 5, 9],
  [4, 8, 16],
  [5, 31, 17],
  [9, 64, 24],
  [70, 33, 8],
  [7, 1_536, 10],
] as const;

function problemOf([rows, inputs, outputs]: readonly [number, number, number], isSmooth: boolean): RoundedProduct {
  const random = seededRandom(rows * 7_919 + inputs * 31 + outputs);
  const problem = {
    rows,
    inputs,
    outputs,
    x: normals(random, rows * inputs),
    weights: normals(random, inputs * outputs, 0.2),
    bias: normals(random, outputs),
  };
  return isSmooth ? { ...problem, smooth: normals(random, inputs).map((value) => Math.abs(value) + 0.1) } : problem;
}

function product({ rows, inputs, outputs, x, weights, bias, smooth }: RoundedProduct, format: WeightFormat): number[] {
  const floatsOf = (values: Float32Array) => ({ format: "f32", shape: [values.length], values }) as const;
  const given = {
    op: "linear",
    attributes: { activation: "none" },
    batch: rows,
    lengths: [],
    inputs: [{ shape: ["batch", inputs], values: x }],
    weights: { weight: { format, shape: [inputs, outputs], values: weights }, bias: floatsOf(bias) },
  } as const;
  const smoothed = smooth ? { ...given, weights: { ...given.weights, smooth: floatsOf(smooth) } } : given;
  return [...runOperation(smoothed).output];
}

describe.each(SHAPES)("%i rows, %i inputs, %i outputs", (...shape) => {
  it.each([false, true])("multiplies rows of 16 bits with weights of eight bits exactly, smoothed: %s", (isSmooth) => {
    const problem = problemOf(shape, isSmooth);
    expect(product(problem, "int8-panels")).toEqual([...integerProduct(problem)]);
  });

  it.each(["f32-panels", "f16-panels"] as const)(
    "multiplies in float32 with %s in the order of the inputs",
    (format) => {
      const problem = problemOf(shape, true);
      const encoded = encodeWeight(format, floats([problem.inputs, problem.outputs], problem.weights));
      const { data } = decodeWeight(format, encoded, [problem.inputs, problem.outputs]);
      expect(product(problem, format)).toEqual([...floatProduct({ ...problem, weights: data as Float32Array })]);
    },
  );
});

it("keeps sums of 1,536 products of the largest numbers within 32 bits", () => {
  const [rows, inputs, outputs] = [4, 1_536, 8];
  const ones = new Float32Array(rows * inputs).fill(1);
  const weights = new Float32Array(inputs * outputs).fill(-2);
  const problem = { rows, inputs, outputs, x: ones, weights, bias: new Float32Array(outputs) };
  for (const value of product(problem, "int8-panels")) expect(value / (-2 * inputs)).toBeCloseTo(1, 4);
});

it("gives zeros for rows of zeros, and no number for a row that holds none", () => {
  const x = new Float32Array(3 * 8);
  x[8] = Number.NaN;
  x[16] = 1e-35;
  const weights = normals(seededRandom(1), 8 * 8);
  const problem = { rows: 3, inputs: 8, outputs: 8, x, weights, bias: new Float32Array(8) };
  const result = product(problem, "int8-panels");
  expect(result.slice(0, 8)).toEqual(new Array(8).fill(0));
  expect(result.slice(8, 16).every(Number.isNaN)).toBe(true);
  expect(result.slice(16)).toEqual(new Array(8).fill(0));
});
