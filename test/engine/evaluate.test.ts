// Metrics of heads from another training, on rows whose labels and scaling may differ.
import { describe, expect, it } from "vitest";
import type { ClassificationMetrics, MultilabelMetrics, RegressionMetrics } from "../../src/contract/metrics.ts";
import { TrainingData } from "../../src/engine/data/training-data.ts";
import { type EvaluateRequest, evaluateHeads } from "../../src/engine/evaluate.ts";
import type { FittedScaler } from "../../src/engine/heads/scaler.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import { decodeTrainedHead, encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { outcomeOfTraining } from "../../src/engine/outcome.ts";
import type { Targets } from "../../src/tensor/products.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { labelNames, type MemoryBlocks, memoryBlocks, planOn, train } from "../support/blocks.ts";
import { clusterBlocks } from "../support/samples.ts";

const scalerOf = (mean: number, inverse: number, target = { mean: 0, deviation: 1 }): FittedScaler => ({
  mean: Float32Array.of(mean),
  inverse: Float32Array.of(inverse),
  target,
  rows: 2,
});
const AS_THEY_ARE = scalerOf(0, 1);

/** A head of one dimension that predicts `labels[0]` below 0 and `labels[1]` above, more certainly with the distance from 0. */
const signHead = (labels: readonly string[], more: Partial<TrainedHead> = {}): TrainedHead => ({
  task: "classification",
  kind: "linear",
  labels,
  scaler: AS_THEY_ARE,
  temperature: 1,
  layers: [{ weights: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0) }],
  thresholds: null,
  conformal: null,
  ...more,
});

const rows = (features: readonly number[], targets: Targets) =>
  memoryBlocks({ dims: 1, folds: [[{ rows: features.length, features: Float32Array.from(features), targets }]] });

async function evaluated<M>(blocks: MemoryBlocks, request: Partial<EvaluateRequest>): Promise<M> {
  const data = await TrainingData.open(blocks);
  const whole = { heads: [], parts: [0], labels: ["a", "b"], scaler: AS_THEY_ARE, ...request };
  return (await evaluateHeads(data, whole).finally(() => data.dispose())) as M;
}
const classified = (blocks: MemoryBlocks, request: Partial<EvaluateRequest>) =>
  evaluated<ClassificationMetrics>(blocks, request);

/** Probability of the nearer label at distance `x`. */
const sureness = (x: number, temperature = 1): number => 1 / (1 + Math.exp((-2 * x) / temperature));

describe("a head on rows of its own labels", () => {
  it("is scored at its own temperature", async () => {
    const heads = [signHead(["a", "b"], { temperature: 2 })];
    const metrics = await classified(rows([-1, 3], Int32Array.of(0, 1)), { heads });
    expect(metrics.accuracy).toBe(1);
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(sureness(1, 2)) + Math.log(sureness(3, 2))) / 2, 6);
  });

  it("is matched to the rows by names of labels if their order differs", async () => {
    const metrics = await classified(rows([-1, 3], Int32Array.of(1, 0)), { heads: [signHead(["b", "a"])] });
    expect(metrics.accuracy).toBe(1);
    expect(metrics.confusion.labels).toEqual(["a", "b"]);
  });

  it("has the same metrics for rows that another training scaled", async () => {
    const request = { heads: [signHead(["a", "b"])], scaler: scalerOf(-2, 0.25) };
    const metrics = await classified(rows([-1, 3], Int32Array.of(0, 1)), request);
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(sureness(1)) + Math.log(sureness(3))) / 2, 3);
  });
});

describe("several heads", () => {
  const heads = [signHead(["a", "b"]), signHead(["b", "a"])];
  const truth = rows([-1, 3, 5], Int32Array.of(0, 1, 1));

  it("score only the rows that are assigned to each", async () => {
    const asked: string[] = [];
    const headOf = (part: number | "test", row: number): number => {
      asked.push(`${part}/${row}`);
      return row === 2 ? 1 : 0;
    };
    const metrics = await classified(truth, { heads, headOf });
    expect(metrics.confusion.matrix).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(asked).toEqual(["0/0", "0/1", "0/2"]);
  });

  it("have the metrics of their own training, even after encoding and decoding", async () => {
    const blocks = clusterBlocks(4, 3, 2);
    const state = await train(planOn(blocks, labelNames(3)), blocks);
    const { selected, metrics } = outcomeOfTraining(state);
    const again = await classified(clusterBlocks(4, 3, 2), {
      heads: selected.map((head) => decodeTrainedHead(encodeTrainedHead(head))),
      parts: [0, 1, 2, 3, 4],
      headOf: (part) => part as number,
      labels: labelNames(3),
      scaler: state.scaler as FittedScaler,
    });
    const validation = metrics.validation as ClassificationMetrics;
    expect(again.confusion).toEqual(validation.confusion);
    expect(again.log_loss).toBeCloseTo(validation.log_loss, 9);
  });
});

describe("a head with other labels than the rows", () => {
  it("gives no probability to a label that it does not know", async () => {
    const request = { heads: [signHead(["a", "b"])], labels: ["a", "b", "c"] };
    const metrics = await classified(rows([-1, 3, 5], Int32Array.of(0, 1, 2)), request);
    const known = -(Math.log(sureness(1)) + Math.log(sureness(3)));
    expect(metrics.log_loss).toBeCloseTo((known + 15 * Math.LN10) / 3, 6);
    expect(metrics.confusion.matrix).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  it("keeps the probability of a label that was deleted", async () => {
    const metrics = await classified(rows([-1, 3], Int32Array.of(0, 0)), { heads: [signHead(["a", "gone"])] });
    expect(metrics.confusion.labels).toEqual(["a", "b", "gone"]);
    expect(metrics.confusion.matrix[0]).toEqual([1, 0, 1]);
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(sureness(1)) + Math.log(1 - sureness(3))) / 2, 5);
  });

  it("drops a deleted label from label sets, and never adds an unknown one", async () => {
    const heads = [signHead(["gone", "b"], { task: "multilabel", thresholds: [0.5, 0.9] })];
    const truth = rows([1, 3], packSets([[], [1]], 2));
    const metrics = await evaluated<MultilabelMetrics>(truth, { heads });
    expect(metrics.per_label.map(({ label }) => label)).toEqual(["a", "b"]);
    expect(metrics.per_label[1]).toMatchObject({ threshold: 0.9, precision: 1, recall: 1 });
    expect(metrics).toMatchObject({ subset_accuracy: 1, micro_f1: 1 });
  });
});

it("the error of a regression is measured in the units of its values, whatever the two scalers use", async () => {
  const own = scalerOf(0, 1, { mean: 10, deviation: 5 });
  const layers = [{ weights: Float32Array.of(1), bias: Float32Array.of(0) }];
  const heads = [signHead([], { task: "regression", scaler: own, layers })];
  const scaler = scalerOf(1, 2, { mean: -4, deviation: 0.5 });
  const metrics = await evaluated<RegressionMetrics>(rows([0, 2], Float32Array.of(13, 20)), {
    heads,
    labels: [],
    scaler,
  });
  expect(metrics.mae).toBeCloseTo(1.5, 2); // 10 and 20 against 13 and 20
  expect(metrics.rmse).toBeCloseTo(Math.sqrt(4.5), 2);
});

it("an evaluation leaves no tensor behind", async () => {
  const heads = [signHead(["a", "b"])];
  await classified(rows([1], Int32Array.of(0)), { heads });
  const before = liveTensors();
  await classified(rows([1, 2, 3, 4, 5], Int32Array.of(0, 1, 0, 1, 0)), { heads });
  expect(liveTensors()).toBe(before);
});
