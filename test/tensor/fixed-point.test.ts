// Products of 16-bit integers, compared with float32 products of the same values.
import { beforeAll, describe, expect, it } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { paddedDims } from "../../src/tensor/features.ts";
import { addLossGradient, type LossTask, slabIndex } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { type LinearProblem, relativeGap, slabWeights, withIntegers } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

/** [rows, dims, classes]: rows around 64, dims around eight, classes around four and eight. */
const SHAPES = [
  [1, 8, 5],
  [70, 30, 2],
  [70, 30, 3],
  [200, 64, 4],
  [64, 8, 8],
  [65, 13, 9],
  [70, 30, 12],
  [131, 257, 13],
  [129, 100, 77],
  [67, 1024, 77],
  [66, 4096, 10],
] as const;

function problemOf([rows, dims, classes]: readonly [number, number, number]): LinearProblem {
  const random = seededRandom(rows * 7919 + dims * 31 + classes);
  const [x, weights, bias] = [rows * dims, dims * classes, classes].map((length) =>
    normals(random, length, 2 / Math.sqrt(dims)),
  );
  return { rows, dims, classes, x, weights, bias } as LinearProblem;
}

const labelsFor = ({ rows, classes }: LinearProblem): Int32Array =>
  integers(seededRandom(rows + classes), rows, classes);

function lossGradientOf(problem: LinearProblem, task: Omit<LossTask, "classWeights">) {
  const { dims, x } = problem;
  const slabs = slabWeights(problem);
  const gradient = new Float64Array(slabs.weights.length + slabs.bias.length);
  const loss = withIntegers(x, dims, (tensor) =>
    addLossGradient(tensor, { ...task, classWeights: null }, slabs, gradient),
  );
  return { loss, gradient };
}

const softmax = (problem: LinearProblem, rough: boolean) =>
  lossGradientOf(problem, { loss: "softmax", targets: labelsFor(problem), rough });

function expectAlike(problem: LinearProblem): void {
  const [rough, fine] = [softmax(problem, true), softmax(problem, false)];
  expect(rough.gradient).not.toEqual(fine.gradient);
  expect(Math.abs(rough.loss - fine.loss) / fine.loss).toBeLessThan(2e-4);
  expect(relativeGap(rough.gradient, fine.gradient)).toBeLessThan(1e-3);
}

beforeAll(() => bootTensor());

describe.each(SHAPES)("the fixed-point product of %i rows, %i dimensions, %i classes", (...shape) => {
  const problem = problemOf(shape);

  it("gives nearly the loss and the gradient of float32", () => expectAlike(problem));

  it("leaves the gradient of padding at zero", () => {
    const { dims, classes } = problem;
    const { gradient } = softmax(problem, true);
    for (let d = dims; d < paddedDims(dims); d++)
      for (let k = 0; k < classes; k++) expect(gradient[slabIndex(paddedDims(dims), d, k)]).toBe(0);
    for (let d = 0; d < dims; d++)
      for (let k = classes; k < ((classes + 7) >> 3) << 3; k++)
        expect(gradient[slabIndex(paddedDims(dims), d, k)]).toBe(0);
  });

  it("frees what it allocates", () => {
    const before = liveTensors();
    softmax(problem, true);
    expect(liveTensors()).toBe(before);
  });
});

describe("the fixed-point product of rows of all sizes", () => {
  const base = problemOf([96, 64, 9]);
  const scaledBy = (factor: (row: number) => number): LinearProblem => ({
    ...base,
    x: base.x.map((value, i) => value * factor(Math.floor(i / base.dims))),
  });

  it("is as precise if rows are a thousand times smaller than others", () =>
    expectAlike(scaledBy((row) => (row % 3 === 0 ? 1e-3 : 1))));

  it("is as precise if a row has only one number", () => {
    const x = base.x.map((value, i) => (Math.floor(i / base.dims) % 2 === 0 && i % base.dims !== 5 ? 0 : value));
    expectAlike({ ...base, x });
  });

  it("accepts rows and weights of zeros", () => {
    const zeros = { ...base, x: new Float32Array(base.x.length), weights: new Float32Array(base.weights.length) };
    expect(softmax(zeros, true)).toEqual(softmax(zeros, false));
  });
});

// Equal weights are rounded equally: by half a unit of the thousand that each of 4,096 can have.
it("the sums of 4,096 products of one sign, and of 64 equal rows, stay within 32 bits", () => {
  const [rows, dims, classes] = [64, 4096, 9];
  const x = new Float32Array(rows * dims).fill(1);
  const weights = Float32Array.from({ length: dims * classes }, (_, i) => ((i % classes) - 4) / dims);
  const problem = { rows, dims, classes, x, weights, bias: new Float32Array(classes) };
  const targets = new Int32Array(rows);
  const [rough, fine] = [true, false].map((r) => lossGradientOf(problem, { loss: "softmax", targets, rough: r }));
  expect(Math.abs((rough?.loss ?? 0) / (fine?.loss ?? 1) - 1)).toBeLessThan(1e-3);
  expect(relativeGap(rough?.gradient ?? [], fine?.gradient ?? [])).toBeLessThan(1e-3);
});

// If outputs do not depend on each other: processed by eight, by two, and the rest.
it.each([1, 2, 3, 4, 5, 9, 10, 11, 12])(
  "the product gives %i outputs the same bits alone as among others",
  (classes) => {
    const all = problemOf([70, 64, 16]);
    const task = { loss: "squared", targets: normals(seededRandom(3), 70, 1), rough: true } as const;
    const own = {
      ...all,
      classes,
      bias: all.bias.slice(0, classes),
      weights: all.weights.filter((_, i) => i % all.classes < classes),
    };
    const [some, every] = [own, all].map((problem) => lossGradientOf(problem, task).gradient) as [
      Float64Array,
      Float64Array,
    ];
    for (let k = 0; k < classes; k++)
      for (let d = 0; d < all.dims; d++) {
        const at = slabIndex(all.dims, d, k);
        expect(some[at]).toBe(every[at]);
        expect(some[at]).not.toBe(0);
      }
  },
);

it.each(["sigmoid", "squared"] as const)("the product is as precise for the %s loss", (loss) => {
  const problem = problemOf([70, 30, 12]);
  const bits = Uint8Array.from({ length: 70 * 2 }, (_, i) => (i * 37) & (i % 2 ? 15 : 255));
  const values = normals(seededRandom(3), 70, 1);
  const targets = loss === "sigmoid" ? bits : values;
  const shape = loss === "sigmoid" ? problem : { ...problem, classes: 12 };
  const [rough, fine] = [true, false].map((r) => lossGradientOf(shape, { loss, targets, rough: r }));
  expect(Math.abs((rough?.loss ?? 0) / (fine?.loss ?? 1) - 1)).toBeLessThan(2e-4);
  expect(relativeGap(rough?.gradient ?? [], fine?.gradient ?? [])).toBeLessThan(1e-3);
});

it("the product reports a loss that is not a number if weights exceed float32, as float32 does", () => {
  const base = problemOf([8, 8, 9]);
  const { loss } = softmax({ ...base, weights: base.weights.map(() => 3e38) }, true);
  expect(Number.isFinite(loss)).toBe(false);
});
