// AdamW steps inside the kernel, compared with the textbook, and dropout.
import { beforeAll, describe, expect, it } from "vitest";
import { mlp, mlpWeights } from "../../src/engine/heads/mlp.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { type StepSettings, stepsOf, trainMlpBlock } from "../../src/tensor/mlp.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { MlpReference } from "../support/adamw-reference.ts";
import { relativeGap, valuesInIntegers, withFeatures, withIntegers } from "../support/linear-algebra.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

beforeAll(() => bootTensor());

const shape = { dims: 11, hidden: 13, outputs: 3 };
const settings: StepSettings = { batch: 16, rate: 0.01, decay: 0.2, dropout: 0, seed: 1, step: 1 };

function rowsOf(rows: number) {
  const random = seededRandom(rows);
  return {
    rows,
    dims: shape.dims,
    x: normals(random, rows * shape.dims),
    labels: integers(random, rows, shape.outputs),
  };
}

type Rows = ReturnType<typeof rowsOf>;
type Runner = <T>(data: Rows, work: (x: Parameters<typeof trainMlpBlock>[0]) => T) => T;
const single: Runner = ({ x, rows, dims }, work) => withFeatures(x, rows, dims, work);
const inIntegers: Runner = ({ x, dims }, work) => withIntegers(x, dims, work);

interface Trained {
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly losses: number[];
}

/** Trains on `blocks` in turn, from weights of seed 1. */
function trained(blocks: readonly Rows[], changes: Partial<StepSettings> = {}, runner = single): Trained {
  const parameters = mlp.init(shape, 1);
  const state = { m: new Float32Array(parameters.length), v: new Float32Array(parameters.length) };
  let { step } = settings;
  const losses = blocks.map((data) => {
    const task = { loss: "softmax", targets: data.labels, classWeights: null } as const;
    const steps = { ...settings, step, ...changes };
    step += stepsOf(data.rows, steps.batch);
    return runner(data, (x) => trainMlpBlock(x, task, mlpWeights(shape, parameters), state, steps));
  });
  return { parameters, ...state, losses };
}

const flat = (parameters: Float32Array): number[] =>
  mlp.encode(shape, parameters).flatMap(({ weights, bias }) => [...weights, ...bias]);

describe("the steps over a block", () => {
  it.each([
    [16, 16],
    [50, 16],
    [70, 64],
    [200, 130],
  ])("are AdamW steps on batches of equal size: %i rows, %i at a time", (rows, batch) => {
    const data = rowsOf(rows);
    const reference = new MlpReference(mlp.encode(shape, mlp.init(shape, 1)));
    const ours = trained([data, data], { batch });
    const losses = [0, 0].map(() => {
      const batches = Math.ceil(rows / batch);
      const cut = (i: number): number => Math.floor((rows * i) / batches);
      return Array.from({ length: batches }, (_, i) => reference.step(data, cut(i), cut(i + 1), settings)).reduce(
        (a, b) => a + b,
      );
    });
    expect(relativeGap(ours.losses, losses)).toBeLessThan(1e-5);
    const layers = reference.layers.flatMap(({ weights, bias }) => [...weights, ...bias]);
    expect(relativeGap(flat(ours.parameters), layers)).toBeLessThan(2e-4);
  });

  it("have the same bits in every run", () => {
    const blocks = [rowsOf(70), rowsOf(33)];
    expect(trained(blocks, { dropout: 0.3 })).toEqual(trained(blocks, { dropout: 0.3 }));
  });

  it.each([
    [50, 16],
    [70, 64],
    [200, 130],
  ])("are nearly the same in fixed point as in float32 on the same values: %i rows, %i at a time", (rows, batch) => {
    const data = rowsOf(rows);
    const whole = { ...data, x: valuesInIntegers(data.x, data.dims) };
    const [rough, fine] = [trained([data, data], { batch }, inIntegers), trained([whole, whole], { batch })];
    expect(rough.parameters).not.toEqual(fine.parameters);
    expect(relativeGap(rough.losses, fine.losses)).toBeLessThan(1e-4);
    expect(relativeGap(rough.parameters, fine.parameters)).toBeLessThan(1e-3);
    expect(relativeGap(rough.m, fine.m)).toBeLessThan(1e-3);
  });

  // The last batch of 52 rows, 13 of them, is padded to 16.
  it("do not depend on the memory past the last row", () => {
    const data = rowsOf(52);
    const followedBy: (value: number) => Runner =
      (value) =>
      ({ x, dims }, work) => {
        const more = new Float32Array(8 * dims).fill(value, dims);
        return withIntegers(Float32Array.of(...x, ...more), dims, (all) => work(all.first(52)));
      };
    const alone = trained([data], { batch: 16 }, inIntegers);
    for (const value of [1, Number.NaN]) expect(trained([data], { batch: 16 }, followedBy(value))).toEqual(alone);
  });

  it("leave the padding at zero", () => {
    const { parameters } = trained([rowsOf(70), rowsOf(70)], { dropout: 0.3 });
    const weights = mlp.encode(shape, parameters);
    expect(mlp.decode(shape, weights)).toEqual(parameters);
  });

  it("leave no tensor behind", () => {
    const before = liveTensors();
    trained([rowsOf(20)]);
    expect(liveTensors()).toBe(before);
  });
});

describe("dropout", () => {
  const data = rowsOf(4_096);
  /** Σ loss of one step over all rows at rate 0, so that parameters do not change. */
  const lossWith = (changes: Partial<StepSettings>): number =>
    trained([data], { batch: 4_096, rate: 0, ...changes }).losses[0] as number;

  it("depends on the seed and on the step", () => {
    const first = lossWith({ dropout: 0.5 });
    expect(lossWith({ dropout: 0.5, step: 2 })).not.toBe(first);
    expect(lossWith({ dropout: 0.5, seed: 2 })).not.toBe(first);
    expect(lossWith({ dropout: 0.5 })).toBe(first);
  });

  it("drops the expected share of units, and scales the others up", () => {
    // One hidden unit that is always 1, and its value: the loss shows how often it was kept.
    const one = { dims: 1, hidden: 1, outputs: 1 };
    const layers = [
      { weights: Float32Array.of(0), bias: Float32Array.of(1) },
      { weights: Float32Array.of(1), bias: Float32Array.of(0) },
    ];
    const parameters = mlp.decode(one, layers);
    const zeros = (): Float32Array => new Float32Array(parameters.length);
    const rows = 20_000;
    const steps = { ...settings, rate: 0, batch: rows, dropout: 0.3 };
    const task = { loss: "squared", targets: new Float32Array(rows), classWeights: null } as const;
    const loss = withFeatures(new Float32Array(rows), rows, 1, (x) =>
      trainMlpBlock(x, task, mlpWeights(one, parameters), { m: zeros(), v: zeros() }, steps),
    );
    const kept = (2 * loss * 0.7 ** 2) / rows; // ½ · (1 / 0.7)² for every row that kept it
    expect(kept).toBeGreaterThan(0.69);
    expect(kept).toBeLessThan(0.71);
  });
});
