// What every kind of head must keep to. A new kind passes this before anything else is said of it.
import { beforeAll, describe, expect, test } from "vitest";
import type { HeadKind, HeadShape, HeadWeights } from "../../src/engine/heads/kind.ts";
import { argmax } from "../../src/engine/heads/softmax.ts";
import { startLbfgs, tell } from "../../src/engine/lbfgs.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { withFeatures } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

const SHAPES: readonly HeadShape[] = [
  { dims: 1, classes: 2 },
  { dims: 7, classes: 3 },
  { dims: 12, classes: 8 },
  { dims: 33, classes: 17 },
];

/** Random weights in the layout that leaves the engine. */
function randomWeights(kind: HeadKind, shape: HeadShape, seed: number, scale = 0.5): HeadWeights {
  const { weights, bias } = kind.encode(shape, kind.init(shape, seed));
  const random = seededRandom(seed);
  return { weights: normals(random, weights.length, scale), bias: normals(random, bias.length, scale) };
}

/** Parameters whose padding is what the kind says it is: random weights through its own layout. */
const randomParameters = (kind: HeadKind, shape: HeadShape, seed: number, scale = 0.5): Float32Array =>
  kind.decode(shape, randomWeights(kind, shape, seed, scale));

const rowsFor = ({ dims, classes }: HeadShape, rows: number) => {
  const random = seededRandom(dims * 100 + rows);
  return { rows, x: normals(random, rows * dims), labels: integers(random, rows, classes) };
};

type Rows = ReturnType<typeof rowsFor>;

function lossGradient(kind: HeadKind, shape: HeadShape, parameters: Float32Array, { rows, x, labels }: Rows) {
  const gradient = new Float64Array(kind.size(shape));
  const loss = withFeatures(x, rows, shape.dims, (tensor) =>
    kind.addLossGradient(shape, parameters, tensor, labels, gradient),
  );
  return { loss, gradient };
}

const forward = (kind: HeadKind, shape: HeadShape, parameters: Float32Array, { rows, x }: Rows): Float32Array =>
  withFeatures(x, rows, shape.dims, (tensor) => kind.forward(shape, parameters, tensor));

/** The parameters after minimising the mean loss over `data`. */
function minimise(kind: HeadKind, shape: HeadShape, data: Rows): Float32Array {
  const options = { gradientTolerance: 1e-4, decreaseTolerance: 0, maxIterations: 200, memory: 8 };
  let state = startLbfgs(kind.init(shape, 1), options);
  while (!state.done) {
    const { loss, gradient } = lossGradient(kind, shape, state.trial, data);
    state = tell(
      state,
      loss / data.rows,
      Float32Array.from(gradient, (value) => value / data.rows),
    );
  }
  return state.trial;
}

export function describeHead(name: string, kind: HeadKind): void {
  describe(`head kind ${name}`, () => {
    beforeAll(() => bootTensor());

    describe.each(SHAPES)("$dims dimensions, $classes classes", (shape) => {
      testGradient(kind, shape);
      testLayout(kind, shape);
      testForward(kind, shape);
    });

    test("learns eight examples by heart", () => {
      const shape = { dims: 12, classes: 3 };
      const data = rowsFor(shape, 8);
      const parameters = minimise(kind, shape, data);
      expect(lossGradient(kind, shape, parameters, data).loss / 8).toBeLessThan(0.01);
      const logits = forward(kind, shape, parameters, data);
      const predicted = Array.from(data.labels, (_, r) => argmax(logits.subarray(r * 3, (r + 1) * 3)));
      expect(predicted).toEqual([...data.labels]);
    });
  });
}

function testGradient(kind: HeadKind, shape: HeadShape): void {
  test("slopes as finite differences do, along random directions", () => {
    const data = rowsFor(shape, 37);
    const at = randomParameters(kind, shape, 1);
    const { gradient } = lossGradient(kind, shape, at, data);
    for (let seed = 2; seed < 6; seed++) {
      const direction = randomParameters(kind, shape, seed, 0.25);
      const lossAt = (step: number): number =>
        lossGradient(
          kind,
          shape,
          at.map((value, i) => value + step * (direction[i] as number)),
          data,
        ).loss;
      const numeric = (lossAt(1e-2) - lossAt(-1e-2)) / 2e-2;
      const analytic = gradient.reduce((sum, value, i) => sum + value * (direction[i] as number), 0);
      expect(Math.abs(numeric - analytic)).toBeLessThan(2e-3 * (1 + Math.abs(analytic)));
    }
  });

  test("adds to the gradient it is given, and sums the loss", () => {
    const data = rowsFor(shape, 9);
    const at = randomParameters(kind, shape, 1);
    const { loss, gradient } = lossGradient(kind, shape, at, data);
    const sums = new Float64Array(kind.size(shape)).fill(1);
    const again = withFeatures(data.x, 9, shape.dims, (x) => kind.addLossGradient(shape, at, x, data.labels, sums));
    expect(again).toBe(loss);
    expect(sums).toEqual(gradient.map((value) => value + 1));
  });
}

function testLayout(kind: HeadKind, shape: HeadShape): void {
  test("gives back what it encodes", () => {
    const weights = randomWeights(kind, shape, 3);
    const parameters = kind.decode(shape, weights);
    expect(kind.encode(shape, parameters)).toEqual(weights);
    expect(kind.decode(shape, kind.encode(shape, parameters))).toEqual(parameters);
  });

  test("starts from the same parameters for the same seed, of the length it says", () => {
    expect(kind.init(shape, 5)).toEqual(kind.init(shape, 5));
    expect(kind.init(shape, 5).length).toBe(kind.size(shape));
    expect(kind.regularised(shape)).toBeLessThanOrEqual(kind.size(shape));
  });

  test("counts work in proportion to rows", () => {
    expect(kind.work(shape, 10)).toBeGreaterThanOrEqual(20 * shape.dims * shape.classes);
    expect(kind.work(shape, 30)).toBe(3 * kind.work(shape, 10));
  });
}

function testForward(kind: HeadKind, shape: HeadShape): void {
  test("gives a row the same logits alone as in a batch, bit for bit", () => {
    const data = rowsFor(shape, 67);
    const parameters = randomParameters(kind, shape, 4);
    const all = forward(kind, shape, parameters, data);
    expect(all.length).toBe(67 * shape.classes);
    for (const r of [0, 5, 66]) {
      const alone = { ...data, rows: 1, x: data.x.slice(r * shape.dims, (r + 1) * shape.dims) };
      const logits = forward(kind, shape, parameters, alone);
      expect(logits).toEqual(all.slice(r * shape.classes, (r + 1) * shape.classes));
    }
  });

  test("frees every tensor it makes", () => {
    const before = liveTensors();
    const data = rowsFor(shape, 5);
    const parameters = randomParameters(kind, shape, 4);
    forward(kind, shape, parameters, data);
    lossGradient(kind, shape, parameters, data);
    expect(liveTensors()).toBe(before);
  });
}
