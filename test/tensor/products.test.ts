// Our kernels compared with tfjs: its product bit for bit, its automatic differentiation to float32's precision.
import { beforeAll, describe, expect, it } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { paddedDims } from "../../src/tensor/features.ts";
import {
  addGram,
  addLossGradient,
  type LossTask,
  linearLogits,
  matrixTensor,
  matrixTimesSlabs,
  slabIndex,
} from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import {
  type LinearProblem,
  relativeGap,
  slabWeights,
  unpadColumns,
  valuesInIntegers,
  withFeatures,
  withIntegers,
} from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";
import { tfjsLogits, tfjsLossGradient } from "../support/tfjs-oracle.ts";

/** [rows, dims, classes]: odd rows, more than the 64 processed at once; dims off 4, 8 and 256; classes around a slab. */
const SHAPES = [
  [1, 1, 2],
  [3, 5, 2],
  [64, 8, 8],
  [65, 13, 9],
  [70, 30, 8],
  [131, 257, 9],
  [66, 256, 2],
  [129, 100, 77],
  [7, 1024, 77],
] as const;

function problemOf([rows, dims, classes]: readonly [number, number, number], scale = 0.3): LinearProblem {
  const random = seededRandom(rows * 7919 + dims * 31 + classes);
  const [x, weights, bias] = [rows * dims, dims * classes, classes].map((length) => normals(random, length, scale));
  return { rows, dims, classes, x, weights, bias } as LinearProblem;
}

const labelsFor = ({ rows, classes }: LinearProblem): Int32Array =>
  integers(seededRandom(rows + classes), rows, classes);

const logitsOf = (problem: LinearProblem): Float32Array => {
  const { rows, dims, classes, x } = problem;
  return withFeatures(x, rows, dims, (tensor) =>
    unpadColumns(linearLogits(tensor, slabWeights(problem)), rows, classes),
  );
};

const softmaxOf = (targets: Int32Array): LossTask => ({ loss: "softmax", targets, classWeights: null });

/** Our loss and gradient, out of slab layout. */
function lossGradientOf(problem: LinearProblem, labels: Int32Array) {
  const { rows, dims, classes, x } = problem;
  const slabs = slabWeights(problem);
  const sums = new Float64Array(slabs.weights.length + slabs.bias.length);
  const loss = withFeatures(x, rows, dims, (tensor) => addLossGradient(tensor, softmaxOf(labels), slabs, sums));
  const weights = Float64Array.from({ length: dims * classes }, (_, i) => {
    return sums[slabIndex(paddedDims(dims), Math.floor(i / classes), i % classes)] as number;
  });
  return { loss, weights, bias: sums.slice(slabs.weights.length, slabs.weights.length + classes), sums };
}

beforeAll(() => bootTensor());

describe.each(SHAPES)("the kernel on %i rows, %i dimensions, %i classes", (...shape) => {
  const problem = problemOf(shape);

  it("gives the logits of tfjs's matMul and add, bit for bit", () => {
    expect(logitsOf(problem)).toEqual(tfjsLogits(problem));
  });

  it("gives the loss and the gradient of tfjs's automatic differentiation", () => {
    const labels = labelsFor(problem);
    const oracle = tfjsLossGradient(problem, labels);
    const ours = lossGradientOf(problem, labels);
    expect(Math.abs(ours.loss - oracle.loss) / oracle.loss).toBeLessThan(1e-5);
    expect(relativeGap(ours.weights, oracle.weights)).toBeLessThan(1e-5);
    expect(relativeGap(ours.bias, oracle.bias)).toBeLessThan(1e-5);
  });

  it("gives a row the same logits alone as with other rows", () => {
    const { rows, dims, classes, x } = problem;
    const all = logitsOf(problem);
    for (const r of new Set([0, 1, rows >> 1, rows - 1].filter((row) => row < rows))) {
      const alone = logitsOf({ ...problem, rows: 1, x: x.slice(r * dims, (r + 1) * dims) });
      expect(alone).toEqual(all.slice(r * classes, (r + 1) * classes));
    }
  });

  it("leaves the gradient of padding at zero", () => {
    const { sums, weights, bias } = lossGradientOf(problem, labelsFor(problem));
    const nonZero = (values: Float64Array): number => values.filter((value) => value !== 0).length;
    expect(nonZero(sums)).toBe(nonZero(weights) + nonZero(bias));
  });

  it("frees what it allocates", () => {
    const before = liveTensors();
    logitsOf(problem);
    lossGradientOf(problem, labelsFor(problem));
    expect(liveTensors()).toBe(before);
  });
});

it("the kernel adds to the given gradient, so that blocks can be summed", () => {
  const problem = problemOf([10, 6, 3]);
  const labels = labelsFor(problem);
  const slabs = slabWeights(problem);
  const once = lossGradientOf(problem, labels).sums;
  const twice = new Float64Array(once.length);
  withFeatures(problem.x, 10, 6, (tensor) => {
    for (let i = 0; i < 2; i++) addLossGradient(tensor, softmaxOf(labels), slabs, twice);
  });
  expect(twice).toEqual(once.map((value) => 2 * value));
});

it("the kernel collects blocks of few rows in a part of up to 1,024 rows, and loses none of them", () => {
  const problem = problemOf([300, 6, 3]);
  const labels = labelsFor(problem);
  const slabs = slabWeights(problem);
  const once = lossGradientOf(problem, labels).sums;
  const sums = new Float64Array(once.length);
  const part = { values: new Float32Array(once.length), rows: 0 };
  const rows = withFeatures(problem.x, 300, 6, (tensor) =>
    [1, 2, 3, 4, 5].map(() => {
      addLossGradient(tensor, softmaxOf(labels), slabs, sums, part);
      return part.rows;
    }),
  );
  expect(rows).toEqual([300, 600, 900, 0, 300]);
  const all = sums.map((sum, i) => sum + (part.values[i] as number));
  expect(
    relativeGap(
      all,
      once.map((value) => 5 * value),
    ),
  ).toBeLessThan(1e-5);
  expect(
    relativeGap(
      sums,
      once.map((value) => 4 * value),
    ),
  ).toBeLessThan(1e-5);
});

it("loss and gradient are finite at logits of ±10,000, and exact if answers are certain", () => {
  const problem = { rows: 2, dims: 1, classes: 2, x: Float32Array.of(1, -1), weights: Float32Array.of(1e4, -1e4) };
  const extreme = { ...problem, bias: new Float32Array(2) };
  const right = lossGradientOf(extreme, Int32Array.of(0, 1));
  expect(right.loss).toBe(0);
  expect(relativeGap([...right.weights, 1], [0, 0, 1])).toBeLessThan(1e-30);
  const wrong = lossGradientOf(extreme, Int32Array.of(1, 0));
  expect(wrong.loss).toBe(4e4);
  expect([...wrong.weights]).toEqual([2, -2]);
  expect([...wrong.bias]).toEqual([0, 0]);
});

describe.each([
  [1, 3],
  [64, 8],
  [70, 20],
  [131, 33],
])("%i rows of %i dimensions", (rows, dims) => {
  const given = normals(seededRandom(rows), rows * dims);
  const padded = paddedDims(dims);

  it("have their Gram matrix, below and on the diagonal, added to the existing sums", () => {
    const features = valuesInIntegers(given, dims);
    const x = (r: number, d: number): number => features[r * dims + d] as number;
    const sums = new Float64Array(padded * padded).fill(1);
    withIntegers(given, dims, (tensor) => addGram(tensor, sums));
    const lower = (of: (row: number, column: number) => number): number[] =>
      Array.from({ length: dims * dims }, (_, i) => [Math.floor(i / dims), i % dims] as const)
        .filter(([row, column]) => row >= column)
        .map(([row, column]) => of(row, column));
    const plain = lower((a, b) => Array.from({ length: rows }, (_, r) => x(r, a) * x(r, b)).reduce((p, q) => p + q, 1));
    const ours = lower((a, b) => sums[a * padded + b] as number);
    expect(relativeGap(ours, plain)).toBeLessThan(1e-6);
  });
});

it.each([
  [3, 2],
  [16, 9],
  [40, 17],
])("the kernel multiplies a square matrix of %i dimensions by the weights of %i outputs", (dims, outputs) => {
  const padded = paddedDims(dims);
  const matrix = normals(seededRandom(dims), padded * padded);
  const weights = normals(seededRandom(outputs), dims * outputs);
  const slabs = slabWeights({ rows: 0, dims, classes: outputs, x: new Float32Array(0), weights, bias: ones(outputs) });
  const tensor = matrixTensor(matrix);
  const products = matrixTimesSlabs(tensor, slabs.weights);
  tensor.dispose();
  const at = (row: number, k: number): number => {
    const terms = Array.from(
      { length: dims },
      (_, d) => (matrix[row * padded + d] as number) * (weights[d * outputs + k] as number),
    );
    return terms.reduce((a, b) => a + b, 0);
  };
  const pairs = Array.from({ length: dims * outputs }, (_, i) => [Math.floor(i / outputs), i % outputs] as const);
  const ours = pairs.map(([row, k]) => products[slabIndex(padded, row, k)] as number);
  expect(
    relativeGap(
      ours,
      pairs.map(([row, k]) => at(row, k)),
    ),
  ).toBeLessThan(1e-5);
});

const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
