// Requirements of every kind of head, for each of the three losses.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadKind, HeadShape, HeadWeights } from "../../src/engine/heads/kind.ts";
import { argmax } from "../../src/engine/heads/softmax.ts";
import { startLbfgs, withEvaluation } from "../../src/engine/optimisers/lbfgs.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { type Loss, type LossTask, SLAB, slabsOf } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { oracleGradient } from "../support/head-oracle.ts";
import { type Case, type Rows, rowsFor } from "../support/head-rows.ts";
import { relativeGap, valuesInIntegers, withFeatures, withIntegers } from "../support/linear-algebra.ts";
import { normals, seededRandom } from "../support/random.ts";

/** Sizes around one and several slabs of eight. A kind without a hidden layer ignores `hidden`. */
const CASES: readonly (readonly [loss: Loss, dims: number, hidden: number, outputs: number])[] = [
  ["softmax", 1, 1, 2],
  ["softmax", 7, 5, 3],
  ["softmax", 12, 8, 8],
  ["softmax", 33, 20, 17],
  ["sigmoid", 7, 5, 1],
  ["sigmoid", 12, 16, 8],
  ["sigmoid", 20, 33, 11],
  ["squared", 5, 7, 1],
  ["squared", 33, 24, 1],
];

const taskOf = ({ loss, targets }: Rows, classWeights: Float32Array | null = null): LossTask => ({
  loss,
  targets,
  classWeights,
});

/** Random weights in the exported layout. */
function randomWeights(kind: HeadKind, shape: HeadShape, seed: number, scale = 0.5): HeadWeights {
  const random = seededRandom(seed);
  return kind.encode(shape, kind.init(shape, seed)).map(({ weights, bias }) => ({
    weights: normals(random, weights.length, scale),
    bias: normals(random, bias.length, scale),
  }));
}

/** Parameters with correct padding: random weights converted to the kind's layout. */
const randomParameters = (kind: HeadKind, shape: HeadShape, seed: number, scale = 0.5): Float32Array =>
  kind.decode(shape, randomWeights(kind, shape, seed, scale));

function lossGradient(kind: HeadKind, shape: HeadShape, parameters: Float32Array, data: Rows, task = taskOf(data)) {
  const gradient = new Float64Array(kind.size(shape));
  const loss = withFeatures(data.x, data.rows, shape.dims, (x) =>
    kind.addLossGradient(shape, parameters, x, task, gradient),
  );
  return { loss, gradient };
}

const forward = (kind: HeadKind, shape: HeadShape, parameters: Float32Array, { rows, x }: Rows): Float32Array =>
  withFeatures(x, rows, shape.dims, (tensor) => kind.forward(shape, parameters, tensor));

const flat = (layers: HeadWeights): number[] => layers.flatMap(({ weights, bias }) => [...weights, ...bias]);

export function describeHead(name: string, kind: HeadKind, hasHidden: boolean): void {
  describe(`head kind ${name}`, () => {
    beforeAll(() => bootTensor());

    const cases = CASES.map(([loss, dims, hidden, outputs]) => ({
      loss,
      shape: { dims, hidden: hasHidden ? hidden : 0, outputs },
    }));
    describe.each(cases)("$loss, $shape.dims dimensions, $shape.hidden hidden, $shape.outputs outputs", (one) => {
      testGradient(kind, one);
      testOracle(kind, one);
      testLayout(kind, one);
      testForward(kind, one);
    });

    it("overfits eight examples", () => {
      const one: Case = { loss: "softmax", shape: { dims: 12, hidden: hasHidden ? 16 : 0, outputs: 3 } };
      const data = rowsFor(one, 8);
      const parameters = minimise(kind, one.shape, data);
      expect(lossGradient(kind, one.shape, parameters, data).loss / 8).toBeLessThan(0.01);
      const logits = forward(kind, one.shape, parameters, data);
      const predicted = Array.from({ length: 8 }, (_, r) => argmax(logits.subarray(r * 3, (r + 1) * 3)));
      expect(predicted).toEqual([...data.targets]);
    });
  });
}

/** The parameters after minimising the mean loss over `data`. */
function minimise(kind: HeadKind, shape: HeadShape, data: Rows): Float32Array {
  const options = { gradientTolerance: 1e-4, decreaseTolerance: 0, maxIterations: 200, memory: 8 };
  let state = startLbfgs(kind.init(shape, 1), options);
  while (!state.done) {
    const { loss, gradient } = lossGradient(kind, shape, state.trial, data);
    const mean = Float32Array.from(gradient, (value) => value / data.rows);
    state = withEvaluation(state, loss / data.rows, mean);
  }
  return state.trial;
}

/** So short that few hidden units become active on the way. float32 then leaves two digits of the difference. */
const STEP = 3e-4;

function testGradient(kind: HeadKind, one: Case): void {
  const { shape } = one;

  it("has the gradient of finite differences, along random directions", () => {
    const data = rowsFor(one, 37);
    const at = randomParameters(kind, shape, 11);
    const { gradient } = lossGradient(kind, shape, at, data);
    const gaps = [2, 3, 4, 5, 6, 7].map((seed) => {
      const direction = randomParameters(kind, shape, seed, 0.25);
      const moved = (step: number): Float32Array => at.map((value, i) => value + step * (direction[i] as number));
      const lossAt = (step: number): number => lossGradient(kind, shape, moved(step), data).loss;
      const numeric = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
      const analytic = gradient.reduce((sum, value, i) => sum + value * (direction[i] as number), 0);
      return Math.abs(numeric - analytic) / (1 + Math.abs(analytic));
    });
    // A hidden unit may become active along one of the directions. The gradient jumps there.
    expect(gaps.filter((gap) => gap > 1e-2).length).toBeLessThanOrEqual(shape.hidden > 0 ? 1 : 0);
  });

  it("adds to the given gradient, and sums the loss", () => {
    const data = rowsFor(one, 9);
    const at = randomParameters(kind, shape, 1);
    const { loss, gradient } = lossGradient(kind, shape, at, data);
    const sums = new Float64Array(kind.size(shape)).fill(1);
    const again = withFeatures(data.x, 9, shape.dims, (x) => kind.addLossGradient(shape, at, x, taskOf(data), sums));
    expect(again).toBe(loss);
    expect(sums).toEqual(gradient.map((value) => value + 1));
  });

  it("has a gradient of zero in the padding, so that the padding does not change", () => {
    const at = randomParameters(kind, shape, 1);
    const { gradient } = lossGradient(kind, shape, at, rowsFor(one, 70));
    const own = kind.decode(
      shape,
      kind.encode(
        shape,
        at.map(() => 1),
      ),
    );
    expect(gradient.every((value, i) => value === 0 || own[i] === 1)).toBe(true);
  });
}

function testOracle(kind: HeadKind, one: Case): void {
  const { shape, loss } = one;
  const weightsOf = { even: null, uneven: normals(seededRandom(8), slabsOf(shape.outputs) * SLAB).map(Math.abs) };

  it.each(loss === "squared" ? (["even"] as const) : (["even", "uneven"] as const))(
    "gives the loss and the gradient of tfjs's automatic differentiation, with %s class weights",
    (which) => {
      const data = rowsFor(one, 70);
      const classWeights = weightsOf[which];
      const at = randomWeights(kind, shape, 3);
      const ours = lossGradient(kind, shape, kind.decode(shape, at), data, taskOf(data, classWeights));
      const weights = classWeights?.slice(0, shape.outputs) ?? new Float32Array(shape.outputs).fill(1);
      const oracle = oracleGradient(at, { ...data, weights });
      expect(Math.abs(ours.loss - oracle.loss) / oracle.loss).toBeLessThan(1e-5);
      const gradient = kind.encode(shape, Float32Array.from(ours.gradient));
      expect(relativeGap(flat(gradient), flat(oracle.gradient))).toBeLessThan(1e-5);
    },
  );
}

function testLayout(kind: HeadKind, { shape }: Case): void {
  it("restores what it encodes", () => {
    const weights = randomWeights(kind, shape, 3);
    const parameters = kind.decode(shape, weights);
    expect(kind.encode(shape, parameters)).toEqual(weights);
    expect(kind.decode(shape, kind.encode(shape, parameters))).toEqual(parameters);
  });

  it("has layers from the features to the outputs", () => {
    const layers = kind.encode(shape, kind.init(shape, 1));
    const widths = [shape.dims, ...layers.map(({ bias }) => bias.length)];
    expect(widths.at(-1)).toBe(shape.outputs);
    expect(layers.map(({ weights }) => weights.length)).toEqual(
      layers.map((_, i) => (widths[i] ?? 0) * (widths[i + 1] ?? 0)),
    );
  });

  it("starts with the same parameters for the same seed, with the stated length", () => {
    expect(kind.init(shape, 5)).toEqual(kind.init(shape, 5));
    expect(kind.init(shape, 5).length).toBe(kind.size(shape));
  });

  it("regularises its weights, and none of its biases", () => {
    const weights = kind.encode(shape, kind.init(shape, 1)).map((layer) => ({
      weights: layer.weights.fill(1),
      bias: layer.bias.fill(2),
    }));
    const parameters = kind.decode(shape, weights);
    const leading = parameters.subarray(0, kind.regularised(shape));
    expect(leading.some((value) => value === 2)).toBe(false);
    expect(parameters.subarray(leading.length).some((value) => value === 1)).toBe(false);
  });

  it("counts work in proportion to the number of rows", () => {
    expect(kind.work(shape, 10)).toBeGreaterThanOrEqual(20 * shape.dims * Math.max(shape.hidden, shape.outputs));
    expect(kind.work(shape, 30)).toBe(3 * kind.work(shape, 10));
  });
}

function testForward(kind: HeadKind, one: Case): void {
  const { shape } = one;

  it("gives a row the same outputs alone as in a batch, bit for bit", () => {
    const data = rowsFor(one, 67);
    const parameters = randomParameters(kind, shape, 4);
    const all = forward(kind, shape, parameters, data);
    expect(all.length).toBe(67 * shape.outputs);
    for (const r of [0, 5, 66]) {
      const alone = { ...data, rows: 1, x: data.x.slice(r * shape.dims, (r + 1) * shape.dims) };
      const outputs = forward(kind, shape, parameters, alone);
      expect(outputs).toEqual(all.slice(r * shape.outputs, (r + 1) * shape.outputs));
    }
  });

  it("computes the same from 16-bit numbers as from float32 of the same values, bit for bit", () => {
    const data = rowsFor(one, 67);
    const parameters = randomParameters(kind, shape, 4);
    const whole = { ...data, x: valuesInIntegers(data.x, shape.dims) };
    const integers = withIntegers(data.x, shape.dims, (x) => {
      const gradient = new Float64Array(kind.size(shape));
      const loss = kind.addLossGradient(shape, parameters, x, taskOf(whole), gradient);
      return { outputs: kind.forward(shape, parameters, x), loss, gradient };
    });
    expect(integers.outputs).toEqual(forward(kind, shape, parameters, whole));
    expect({ loss: integers.loss, gradient: integers.gradient }).toEqual(lossGradient(kind, shape, parameters, whole));
  });

  it("frees every tensor that it creates", () => {
    const before = liveTensors();
    const data = rowsFor(one, 5);
    const parameters = randomParameters(kind, shape, 4);
    forward(kind, shape, parameters, data);
    lossGradient(kind, shape, parameters, data);
    expect(liveTensors()).toBe(before);
  });
}
