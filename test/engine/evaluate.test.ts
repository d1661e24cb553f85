// Metrics of a head from another training, on rows and labels that may not be its own.
import { describe, expect, test } from "vitest";
import { evaluateHead } from "../../src/engine/evaluate.ts";
import { decodeTrainedHead, encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { outcomeOfTraining } from "../../src/engine/outcome.ts";
import { planTraining } from "../../src/engine/plan.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { clusterBlocks, memoryBlocks, train } from "../support/blocks.ts";

/** A head of one dimension that answers `labels[0]` below 0 and `labels[1]` above, the surer the farther. */
const signHead = (labels: readonly string[], temperature = 1): TrainedHead => ({
  kind: "linear",
  labels,
  scaler: { mean: Float32Array.of(0), inverse: Float32Array.of(1) },
  head: { weights: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0) },
  temperature,
});

const rows = (features: readonly number[], labels: readonly number[]) =>
  memoryBlocks(1, { validation: [{ features: Float32Array.from(features), labels: Int32Array.from(labels) }] });

/** Probability of the nearer label at distance `x`. */
const sureness = (x: number, temperature = 1): number => 1 / (1 + Math.exp((-2 * x) / temperature));

describe("a head on rows of its own labels", () => {
  test("scores each at its own temperature", async () => {
    const metrics = await evaluateHead(signHead(["a", "b"], 2), rows([-1, 3], [0, 1]), "validation", ["a", "b"]);
    expect(metrics.accuracy).toBe(1);
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(sureness(1, 2)) + Math.log(sureness(3, 2))) / 2, 6);
  });

  test("is read by its labels' names where their order differs", async () => {
    const metrics = await evaluateHead(signHead(["b", "a"]), rows([-1, 3], [1, 0]), "validation", ["a", "b"]);
    expect(metrics.accuracy).toBe(1);
    expect(metrics.confusion.labels).toEqual(["a", "b"]);
  });

  test("gives the figures its own training gave, after a round trip through bytes", async () => {
    const blocks = clusterBlocks(4, 3, 2);
    const plan = planTraining({ kind: "linear", dims: 4, labels: ["a", "b", "c"], seed: 1, rows: 167 });
    const { selected, metrics } = outcomeOfTraining(await train(plan, blocks));
    const stored = decodeTrainedHead(encodeTrainedHead(selected));
    const again = await evaluateHead(stored, blocks, "validation", plan.labels);
    expect(again.confusion).toEqual(metrics.validation.confusion);
    expect(again.log_loss).toBeCloseTo(metrics.validation.log_loss, 9);
  });
});

describe("a head on labels that are not its own", () => {
  test("gives no probability to a label it has never met", async () => {
    const metrics = await evaluateHead(signHead(["a", "b"]), rows([-1, 3, 5], [0, 1, 2]), "validation", [
      "a",
      "b",
      "c",
    ]);
    const known = -(Math.log(sureness(1)) + Math.log(sureness(3)));
    expect(metrics.log_loss).toBeCloseTo((known + 15 * Math.LN10) / 3, 6);
    expect(metrics.confusion.matrix).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  test("keeps the probability it gives to a label that is gone", async () => {
    const metrics = await evaluateHead(signHead(["a", "gone"]), rows([-1, 3], [0, 0]), "validation", ["a", "b"]);
    expect(metrics.confusion.labels).toEqual(["a", "b", "gone"]);
    expect(metrics.confusion.matrix[0]).toEqual([1, 0, 1]);
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(sureness(1)) + Math.log(1 - sureness(3))) / 2, 5);
  });
});

test("leaves no tensor behind", async () => {
  const head = signHead(["a", "b"]);
  await evaluateHead(head, rows([1], [0]), "validation", ["a", "b"]);
  const before = liveTensors();
  await evaluateHead(head, rows([1, 2, 3, 4, 5], [0, 1, 0, 1, 0]), "validation", ["a", "b"]);
  expect(liveTensors()).toBe(before);
});
