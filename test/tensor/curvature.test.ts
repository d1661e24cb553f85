// Second-derivative sums of a kernel, compared with the sums written out.
import { beforeAll, describe, expect, it } from "vitest";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { addCurvature, curvatureLength } from "../../src/tensor/curvature.ts";
import { FeatureTensor, paddedDims } from "../../src/tensor/features.ts";
import { type LossTask, SLAB, slabIndex } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { relativeGap, slabWeights } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

/** [rows, dims, outputs]: more rows than are processed at once; outputs of one slab, of a few, of four and more. */
const SHAPES = [
  [5, 64, 2],
  [67, 65, 9],
  [130, 72, 40],
] as const;

const FORMS = {
  "in integers": (x: Float32Array, ones: Float32Array) => FeatureTensor.encode(x, new Float32Array(ones.length), ones),
  sparse: FeatureTensor.encodeSparse,
} as const;

function problemOf([rows, dims, outputs]: readonly [number, number, number]) {
  const random = seededRandom(rows + dims + outputs);
  const x = normals(random, rows * dims, 1).map((value) => (random.next() < 0.15 ? value : 0));
  const [weights, bias] = [normals(random, dims * outputs, 0.3), normals(random, outputs, 0.3)];
  const sets = Array.from({ length: rows }, () =>
    Array.from({ length: outputs }, (_, k) => k).filter(() => random.next() < 0.3),
  );
  const weighed = new Float32Array(Math.ceil(outputs / SLAB) * SLAB);
  for (let k = 0; k < outputs; k++) weighed[k] = 0.5 + random.next();
  return {
    rows,
    dims,
    outputs,
    x,
    weights,
    bias,
    sets,
    weighed,
    labels: integers(random, rows, outputs),
    head: slabWeights({ rows, dims, classes: outputs, x, weights, bias }),
  };
}

type Problem = ReturnType<typeof problemOf>;

const tasksOf = ({ labels, sets, outputs, weighed }: Problem): Record<string, LossTask> => {
  const [softmax, sigmoid] = [
    { loss: "softmax", targets: labels, classWeights: null },
    { loss: "sigmoid", targets: packSets(sets, outputs), classWeights: null },
  ] as const;
  return {
    softmax,
    sigmoid,
    "weighed softmax": { ...softmax, classWeights: weighed },
    "weighed sigmoid": { ...sigmoid, classWeights: weighed },
  };
};

/** The second derivatives of a row's loss with respect to its outputs. */
function secondDerivatives({ outputs, labels, sets, weighed }: Problem, name: string, z: Float64Array, r: number) {
  const exponentials = z.map(Math.exp);
  const sum = exponentials.reduce((a, b) => a + b);
  return Float64Array.from({ length: outputs }, (_, k) => {
    const isSoftmax = name.endsWith("softmax");
    const p = isSoftmax ? (exponentials[k] as number) / sum : 1 / (1 + Math.exp(-(z[k] as number)));
    const heavy = isSoftmax ? (labels[r] as number) : sets[r]?.includes(k) ? k : null;
    return p * (1 - p) * (name.startsWith("weighed") && heavy !== null ? (weighed[heavy] as number) : 1);
  });
}

/** [Σ v·x | Σ v·x² | Σ v], from float32 rows [rows][paddedDims]. */
function expectedSums(problem: Problem, name: string, rows: Float32Array): Float64Array {
  const { dims, outputs, weights, bias, head } = problem;
  const [stride, size] = [paddedDims(dims), head.weights.length];
  const sums = new Float64Array(curvatureLength(size, head.bias.length));
  const add = (at: number, value: number): void => {
    sums[at] = (sums[at] as number) + value;
  };
  for (let r = 0; r < problem.rows; r++) {
    const x = rows.subarray(r * stride, r * stride + dims);
    const z = Float64Array.from({ length: outputs }, (_, k) =>
      x.reduce((sum, value, d) => sum + value * (weights[d * outputs + k] as number), bias[k] as number),
    );
    secondDerivatives(problem, name, z, r).forEach((v, k) => {
      x.forEach((value, d) => {
        add(slabIndex(stride, d, k), v * value);
        add(size + slabIndex(stride, d, k), v * value * value);
      });
      add(2 * size + k, v);
    });
  }
  return sums;
}

beforeAll(() => bootTensor());

describe.each(SHAPES)("%i rows of %i dimensions, %i outputs", (...shape) => {
  const problem = problemOf(shape);
  const { x, dims, head } = problem;

  describe.each(Object.entries(FORMS))("%s", (_form, encode) => {
    it.each(Object.entries(tasksOf(problem)))("%s: the curvature is added to the existing sums", (name, task) => {
      const tensor = encode(x, new Float32Array(dims).fill(1));
      const before = liveTensors();
      const sums = new Float32Array(curvatureLength(head.weights.length, head.bias.length));
      addCurvature(tensor, task, head, sums);
      addCurvature(tensor, task, head, sums);
      expect(liveTensors()).toBe(before);
      const expected = expectedSums(problem, name, tensor.widened(dims)).map((sum) => 2 * sum);
      tensor.dispose();
      expect(relativeGap(sums, expected)).toBeLessThan(1e-5);
    });
  });
});
