// Rows that are mostly zeros: kernels compute from their entries what they compute from all numbers rounded to half precision,
// and rounding follows IEEE 754.
import { beforeAll, describe, expect, it } from "vitest";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor, paddedDims } from "../../src/tensor/features.ts";
import { addGram, addLossGradient, linearLogits } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { nearestHalf, valueOfHalf } from "../support/half.ts";
import { featureTensor, relativeGap, slabWeights } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

/** [rows, dims, classes]: odd rows, more than are processed at once; classes of one slab to five, and of more. */
const SHAPES = [
  [1, 64, 2],
  [67, 65, 9],
  [70, 64, 24],
  [130, 100, 32],
  [65, 64, 40],
  [66, 72, 100],
  [129, 257, 77],
] as const;

function problemOf([rows, dims, classes]: readonly [number, number, number]) {
  const random = seededRandom(rows + dims + classes);
  const x = normals(random, rows * dims, 1).map((value) => (random.next() < 0.15 ? value : 0));
  x.fill(0, 0, dims); // a row of zeros
  const inverse = Float32Array.from({ length: dims }, () => 0.5 + random.next());
  const [weights, bias] = [normals(random, dims * classes, 0.3), normals(random, classes, 0.3)];
  const labels = integers(random, rows, classes);
  return {
    rows,
    dims,
    classes,
    x,
    inverse,
    labels,
    head: slabWeights({ rows, dims, classes, x, weights, bias }),
  };
}

type Problem = ReturnType<typeof problemOf>;

const inHalves = ({ x, dims, inverse }: Problem): Float32Array =>
  x.map((value, i) => nearestHalf(Math.fround(value * (inverse[i % dims] as number))));

/** Runs `work` on the rows as entries, as entries decoded from bytes, and as float32. */
function inEveryForm<T>(problem: Problem, work: (x: FeatureTensor) => T): [sparse: T, again: T, dense: T] {
  const { x, rows, dims, inverse } = problem;
  const sparse = FeatureTensor.encodeSparse(x, inverse);
  const again = FeatureTensor.sparse(sparse.bytesKept(), rows, dims);
  const dense = featureTensor(inHalves(problem), rows, dims);
  try {
    return [work(sparse), work(again), work(dense)];
  } finally {
    for (const tensor of [sparse, again, dense]) tensor.dispose();
  }
}

/** The half-precision values of numbers. */
function encoded(values: Float32Array): Float64Array {
  const tensor = FeatureTensor.encodeSparse(values, Float32Array.of(1));
  const widened = tensor.widened(1);
  tensor.dispose();
  return Float64Array.from(values, (_, i) => widened[i * paddedDims(1)] as number);
}

const encodedOne = (values: readonly number[]): number[] => [...encoded(Float32Array.from(values))];

beforeAll(() => bootTensor());

describe.each(SHAPES)("%i sparse rows of %i dimensions, %i classes", (...shape) => {
  const problem = problemOf(shape);
  const { labels, head, dims } = problem;

  it("contain only the non-zero numbers", () => {
    const sparse = FeatureTensor.encodeSparse(problem.x, problem.inverse);
    const widened = sparse.widened(dims);
    sparse.dispose();
    const kept = inHalves(problem).map(
      (_, i) => widened[Math.floor(i / dims) * paddedDims(dims) + (i % dims)] as number,
    );
    expect(kept).toEqual(inHalves(problem).map((value) => value + 0)); // −0 is not stored
  });

  it("give the logits of dense rows, bit for bit", () => {
    const [sparse, again, dense] = inEveryForm(problem, (x) => linearLogits(x, head));
    expect(sparse).toEqual(dense);
    expect(again).toEqual(dense);
  });

  it("give the loss and gradient of dense rows", () => {
    const task = { loss: "softmax", targets: labels, classWeights: null } as const;
    const [sparse, again, dense] = inEveryForm(problem, (x) => {
      const gradient = new Float64Array(head.weights.length + head.bias.length);
      return { sum: addLossGradient(x, task, head, gradient), gradient };
    });
    expect(again).toEqual(sparse);
    expect(sparse.sum / dense.sum).toBeCloseTo(1, 6);
    expect(relativeGap(sparse.gradient, dense.gradient)).toBeLessThan(1e-5);
  });

  it("give the Gram matrix of dense rows", () => {
    const [sparse, , dense] = inEveryForm(problem, (x) => {
      const sums = new Float64Array(paddedDims(dims) ** 2);
      addGram(x, sums);
      return sums;
    });
    expect(sparse).toEqual(dense);
  });

  it("leave no tensor behind", () => {
    const before = liveTensors();
    inEveryForm(problem, (x) => linearLogits(x, head));
    expect(liveTensors()).toBe(before);
  });
});

describe("the rounding to half precision", () => {
  const random = seededRandom(5);
  const values = Float32Array.from({ length: 5_000 }, () => random.normal() * 2 ** (random.below(44) - 28));

  it("takes the nearest half, over the whole range of exponents", () => {
    const normal = values.filter((value) => Math.abs(value) >= 2 ** -14);
    expect(encoded(normal)).toEqual(Float64Array.from(normal, nearestHalf));
  });

  // Scaling rounds these once before, to 13 bits beyond a half's last.
  it("takes a half within a few thousandths of the nearest one for subnormal halves", () => {
    const subnormal = values.filter((value) => Math.abs(value) < 2 ** -14);
    expect(subnormal.length).toBeGreaterThan(1_000);
    const gaps = encoded(subnormal).map((half, i) => {
      const value = subnormal[i] as number;
      return Math.abs(half - value) - Math.abs(nearestHalf(value) - value);
    });
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 ** -36);
  });

  it("restores every half", () => {
    const all = Array.from({ length: 0x7c00 }, (_, bits) => valueOfHalf(bits)).filter((value) => value <= 60_000);
    const signed = [...all, ...all.slice(1).map((value) => -value)];
    expect(encodedOne(signed)).toEqual(signed);
  });

  it("rounds ties to even, up and down", () => {
    const step = 2 ** -10;
    expect(encodedOne([1 + step / 2, 1 + 1.5 * step, -1 - step / 2, -1 - 1.5 * step])).toEqual([
      ...[1, 1 + 2 * step, -1, -1 - 2 * step],
    ]);
  });

  it("carries over into the next power of two", () => {
    expect(encodedOne([1.9999, 2047.9, 0.00006103])).toEqual([2, 2048, 2 ** -14]);
  });

  it("keeps subnormal numbers, and rounds half of the smallest to zero", () => {
    const smallest = 2 ** -24;
    expect(encodedOne([smallest, 3 * smallest, 1.5 * smallest, smallest / 2, 0.51 * smallest, 1e-30])).toEqual([
      ...[smallest, 3 * smallest, 2 * smallest, 0, smallest, 0],
    ]);
  });

  it("clips at ±60,000, infinite numbers included", () => {
    const values = [59_999, 60_000, 65_504, 1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(encodedOne(values)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000, -60_000]);
  });
});
