// Rows that are mostly zeros: what the kernels compute from their entries is what they compute from halves.
import { beforeAll, describe, expect, test } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor, paddedDims } from "../../src/tensor/features.ts";
import { addGram, addLossGradient, linearLogits } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { relativeGap, slabWeights } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

/** [rows, dims, classes]: odd rows, more than are taken at a time; classes below, at and above four slabs. */
const SHAPES = [
  [1, 64, 2],
  [67, 65, 9],
  [130, 100, 32],
  [129, 257, 77],
] as const;

function problemOf([rows, dims, classes]: readonly [number, number, number]) {
  const random = seededRandom(rows + dims + classes);
  const x = normals(random, rows * dims, 1).map((value) => (random.next() < 0.15 ? value : 0));
  x.fill(0, 0, dims); // a row of nothing
  const inverse = Float32Array.from({ length: dims }, () => 0.5 + random.next());
  const [weights, bias] = [normals(random, dims * classes, 0.3), normals(random, classes, 0.3)];
  const labels = integers(random, rows, classes);
  return {
    ...{ rows, dims, classes, x, inverse, labels },
    head: slabWeights({ rows, dims, classes, x, weights, bias }),
  };
}

type Problem = ReturnType<typeof problemOf>;

/** Runs `work` on the rows as entries, as entries read back from bytes, and as halves. */
function inEveryForm<T>(
  { x, rows, dims, inverse }: Problem,
  work: (x: FeatureTensor) => T,
): [sparse: T, again: T, halves: T] {
  const sparse = FeatureTensor.encodeSparse(x, inverse);
  const again = FeatureTensor.sparse(sparse.bytesKept(), rows, dims);
  const halves = FeatureTensor.encode(x, new Float32Array(dims), inverse);
  try {
    return [work(sparse), work(again), work(halves)];
  } finally {
    for (const tensor of [sparse, again, halves]) tensor.dispose();
  }
}

beforeAll(() => bootTensor());

describe.each(SHAPES)("%i sparse rows of %i dimensions, %i classes", (...shape) => {
  const problem = problemOf(shape);
  const { labels, head, dims } = problem;

  test("hold the halves of dense rows", () => {
    const [sparse, again, halves] = inEveryForm(problem, (x) => x.widened(dims).map((value) => value + 0)); // padding may be −0
    expect(sparse).toEqual(halves);
    expect(again).toEqual(halves);
  });

  test("give the logits of dense rows, bit for bit", () => {
    const [sparse, again, halves] = inEveryForm(problem, (x) => linearLogits(x, head));
    expect(sparse).toEqual(halves);
    expect(again).toEqual(halves);
  });

  test("give the loss and gradient of dense rows", () => {
    const task = { loss: "softmax", targets: labels, classWeights: null } as const;
    const [sparse, again, halves] = inEveryForm(problem, (x) => {
      const gradient = new Float64Array(head.weights.length + head.bias.length);
      return { sum: addLossGradient(x, task, head, gradient), gradient };
    });
    expect(again).toEqual(sparse);
    expect(sparse.sum / halves.sum).toBeCloseTo(1, 6);
    expect(relativeGap(sparse.gradient, halves.gradient)).toBeLessThan(1e-5);
  });

  test("give the Gram matrix of dense rows", () => {
    const [sparse, , halves] = inEveryForm(problem, (x) => {
      const sums = new Float64Array(paddedDims(dims) ** 2);
      addGram(x, sums);
      return sums;
    });
    expect(sparse).toEqual(halves);
  });

  test("leave no tensor behind", () => {
    const before = liveTensors();
    inEveryForm(problem, (x) => x.widened(dims));
    expect(liveTensors()).toBe(before);
  });
});
