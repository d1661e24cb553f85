// The learning curve: its points are fits on the first rows, independent of blocks, and its estimate is their trend.
import { describe, expect, it } from "vitest";
import type { RecipeOptions } from "../../../src/contract/recipes.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/engine/checkpoint.ts";
import type { StoredBlock } from "../../../src/engine/data/blocks.ts";
import { expectedError, learningCurveOf } from "../../../src/engine/findings/learning-curve.ts";
import { linear } from "../../../src/engine/heads/linear.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { progressOf } from "../../../src/engine/progress.ts";
import { bootTensor } from "../../../src/tensor/boot.ts";
import { FeatureTensor } from "../../../src/tensor/features.ts";
import { liveTensors } from "../../../src/tensor/scope.ts";
import {
  dealtBlocks,
  labelNames,
  type MemoryBlocks,
  memoryBlocks,
  outcomeOn,
  planOn,
  train,
} from "../../support/blocks.ts";
import { normals, seededRandom } from "../../support/random.ts";
import { clusterBlocks, tagBlocks, valueBlocks } from "../../support/samples.ts";

const options: RecipeOptions = { learning_curve: true };
const [DIMS, CLASSES] = [12, 4];

/** Overlapping classes, in one or two blocks per fold. */
function overlapping(count = 600): MemoryBlocks {
  const random = seededRandom(5);
  const centres = Array.from({ length: CLASSES }, () => normals(random, DIMS, 0.6));
  const rows = Array.from({ length: count }, (_, i) =>
    normals(random, DIMS).map((noise, d) => noise + (centres[i % CLASSES]?.[d] as number)),
  );
  // Rows go to the five folds in turn, so that each fold has its share of every class.
  return dealtBlocks(DIMS, rows, (own) => Int32Array.from(own, (i) => i % CLASSES));
}

const planned = (blocks: MemoryBlocks, more = {}) => planOn(blocks, labelNames(CLASSES), { options, ...more });

const curveOf = async (blocks: MemoryBlocks) => (await outcomeOn(planned(blocks), blocks)).learningCurve?.points;

/** The same rows in blocks of at most `size` rows. */
async function cut({ dims, folds, load }: MemoryBlocks, size: number): Promise<MemoryBlocks> {
  const cutFold = async (_: unknown, fold: number): Promise<StoredBlock[]> => {
    const { rows, features, targets } = await load(fold, 0);
    return Array.from({ length: Math.ceil(rows / size) }, (_each, i) => {
      const [from, to] = [i * size, Math.min(rows, (i + 1) * size)];
      const own = (features as Float32Array).slice(from * dims, to * dims);
      return { rows: to - from, features: own, targets: targets.slice(from, to) };
    });
  };
  return memoryBlocks({ dims, folds: await Promise.all(folds.map(cutFold)) });
}

describe("the first rows of a block", () => {
  it("have the same bits as a block of only those rows", async () => {
    await bootTensor();
    const features = normals(seededRandom(8), 11 * DIMS);
    const [mean, inverse] = [new Float32Array(DIMS), new Float32Array(DIMS).fill(1)];
    const all = FeatureTensor.encode(features, mean, inverse);
    const some = FeatureTensor.encode(features.slice(0, 7 * DIMS), mean, inverse);
    const shape = { dims: DIMS, outputs: CLASSES, hidden: 0 };
    const parameters = normals(seededRandom(9), linear.size(shape));
    const task = { loss: "softmax", targets: Int32Array.from([0, 1, 2, 3, 0, 1, 2]), classWeights: null } as const;
    const results = [all.first(7), some].map((x) => {
      const gradient = new Float64Array(linear.size(shape));
      const loss = linear.addLossGradient(shape, parameters, x, task, gradient);
      return { loss, gradient, outputs: linear.forward(shape, parameters, x).slice() };
    });
    expect(results[0]).toEqual(results[1]);
    for (const tensor of [all, some]) tensor.dispose();
  });
});

describe("the power law through the points", () => {
  const law = (rows: number): number => 0.05 + 2 * rows ** -0.5;
  const points = [100, 250, 500, 1_000].map((rows) => ({ rows, error: law(rows) }));

  it("is recovered from points that lie on a power law", () => {
    expect(expectedError(points, 2_000)).toBeCloseTo(law(2_000), 6);
    expect(expectedError(points, 100_000)).toBeCloseTo(law(100_000), 4);
  });

  it("predicts no error below zero, and none above the error of the last point", () => {
    const steep = [10, 20, 40].map((rows) => ({ rows, error: 1 - rows / 45 }));
    expect(expectedError(steep, 1_000)).toBeGreaterThanOrEqual(0);
    const rising = [10, 20, 40].map((rows) => ({ rows, error: 0.1 + rows / 1_000 }));
    expect(expectedError(rising, 80)).toBeLessThanOrEqual(0.14);
    expect(
      expectedError(
        [10, 20, 40].map((rows) => ({ rows, error: 0 })),
        80,
      ),
    ).toBe(0);
  });

  it("is omitted if the search ran out of work before it reached all rows", () => {
    const point = (share: number) => ({ share, examples: 1_000 * share, accuracy: 0.5 + share / 4, log_loss: 1 });
    expect(learningCurveOf([])).toBeNull();
    expect(learningCurveOf([0.1, 0.25, 0.5].map(point))).not.toHaveProperty("estimate_at_twice");
    expect(learningCurveOf([0.25, 0.5, 1].map(point))?.estimate_at_twice?.accuracy).toBeGreaterThan(0.75);
  });
});

describe("the curve of a training", () => {
  it("exists only if it is requested, and changes nothing else", async () => {
    const [asked, plain] = [
      await outcomeOn(planned(overlapping()), overlapping()),
      await outcomeOn(planned(overlapping(), { options: {} }), overlapping()),
    ];
    expect(plain.learningCurve).toBeNull();
    expect(asked.learningCurve?.points.map(({ share, examples }) => [share, examples])).toEqual([
      [0.1, 48],
      [0.25, 120],
      [0.5, 240],
      [1, 480],
    ]);
    expect({ ...asked, learningCurve: null }).toEqual(plain);
  });

  it("rises, ends at the result of the first round, and is extrapolated by a little more", async () => {
    const blocks = overlapping(2_000);
    const { learningCurve, metrics } = await outcomeOn(planned(blocks, { rounds: 1 }), blocks);
    const accuracies = learningCurve?.points.map(({ accuracy }) => accuracy as number) ?? [];
    const losses = learningCurve?.points.map(({ log_loss }) => log_loss as number) ?? [];
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(accuracies.at(-1)).toBeGreaterThan(accuracies[0] as number);
    const { accuracy, log_loss } = metrics.validation as { accuracy: number; log_loss: number };
    expect([accuracies.at(-1), losses.at(-1)]).toEqual([accuracy, log_loss]);
    const twice = learningCurve?.estimate_at_twice?.accuracy as number;
    expect(twice).toBeGreaterThanOrEqual(accuracy);
    expect(twice).toBeLessThan(accuracy + 0.05);
  });

  it("does not depend on the division of rows into blocks", async () => {
    const one = await curveOf(overlapping());
    const many = await curveOf(await cut(overlapping(), 50));
    expect(many?.map(({ examples }) => examples)).toEqual(one?.map(({ examples }) => examples));
    for (const [i, point] of many?.entries() ?? []) expect(point.log_loss).toBeCloseTo(one?.[i]?.log_loss as number, 2);
  });

  it("excludes shares of fewer than ten rows", async () => {
    expect((await curveOf(overlapping(60)))?.map(({ share }) => share)).toEqual([0.25, 0.5, 1]);
    expect((await curveOf(overlapping(20)))?.map(({ share }) => share)).toEqual([1]);
  });

  it("has log_loss for a multilabel head, and rmse for a regression that is scored in rounds", async () => {
    const tags = tagBlocks(6, 9);
    const { learningCurve } = await outcomeOn(planOn(tags, labelNames(9), { task: "multilabel", options }), tags);
    expect(learningCurve?.points.map((point) => Object.keys(point).sort())).toEqual(
      Array(4).fill(["examples", "log_loss", "share"]),
    );
    expect(Object.keys(learningCurve?.estimate_at_twice ?? {})).toEqual(["log_loss"]);
    const values = valueBlocks(513);
    const plan = planOn(values, [], { task: "regression", options: { ...options, l2: 0.1 } });
    expect(Object.keys((await outcomeOn(plan, values)).learningCurve?.estimate_at_twice ?? {})).toEqual(["rmse"]);
  });

  it("is absent for a regression that is scored by leave-one-out", async () => {
    const values = valueBlocks(6);
    expect((await outcomeOn(planOn(values, [], { task: "regression", options }), values)).learningCurve).toBeNull();
  });

  it("is the same however the training is divided into slices and killed", async () => {
    const blocks = () => clusterBlocks(6, 3, 2);
    const plan = planOn(blocks(), labelNames(3), { options });
    const seen: number[] = [];
    const between = (checkpoint: Parameters<typeof encodeCheckpoint>[0]) => {
      seen.push(progressOf(checkpoint));
      return decodeCheckpoint(encodeCheckpoint(checkpoint));
    };
    const whole = await train(plan, blocks());
    const sliced = await train(plan, blocks(), { budget: 1, between });
    expect(outcomeOfTraining(whole).learningCurve?.points).toHaveLength(4);
    expect(encodeCheckpoint(sliced)).toEqual(encodeCheckpoint(whole));
    expect(seen.every((progress) => progress > 0 && progress < 1)).toBe(true);
  });

  it("leaves no tensor behind", async () => {
    await curveOf(overlapping());
    const before = liveTensors();
    await curveOf(overlapping());
    expect(liveTensors()).toBe(before);
  });
});
