// Which answers a replica gives at once, and that they equal those it gives after waiting.
import { expect, it } from "vitest";
import type { ServingState } from "../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { answerFromReplica, answerIfReady, type Replica } from "../../src/serving/answer.ts";
import { WeightCache } from "../../src/serving/weights.ts";

const scaler = { mean: Float32Array.of(0), inverse: Float32Array.of(1), target: { mean: 0, deviation: 1 } };
const layer = (...weights: number[]) => ({
  weights: Float32Array.from(weights),
  bias: new Float32Array(weights.length),
});
const linear: TrainedHead = {
  task: "classification",
  kind: "linear",
  labels: ["a", "b"],
  temperature: 1,
  scaler,
  layers: [layer(1, -1)],
  thresholds: null,
  conformal: null,
};
const hidden: TrainedHead = { ...linear, kind: "mlp", layers: [layer(1), layer(1, -1)] };

const state: ServingState = {
  born: 1,
  task: "classification",
  backbone: { id: "features", dimension: 1 },
  shadow: null,
  capture: null,
  versionsRemoved: 0,
  logHours: 0,
  older: [],
  split: [{ version: 1, digest: "sha256:1", weight: 1 }],
};
const question = { features: Float32Array.of(2), options: {} };
const replicaOf = (head: TrainedHead): Replica => ({
  weights: new WeightCache(new MemoryBudget(LIMITS.memoryBytes, () => 0)),
  head: "acme.1/spam",
  state,
  ask: async () => encodeTrainedHead(head),
});

it("an answer is given at once if the weights are cached, with the same content as after loading them", async () => {
  const replica = replicaOf(linear);
  expect(answerIfReady(replica, question)).toBeNull();
  const asked = await answerFromReplica(replica, question);
  expect(answerIfReady(replica, question)).toEqual(asked);
  expect(asked.predictions).toMatchObject([{ label: "a" }]);
});

it("an answer waits for the tensor backend if the head has a hidden layer", async () => {
  const replica = replicaOf(hidden);
  expect((await answerFromReplica(replica, question)).predictions).toMatchObject([{ label: "a" }]);
  expect(answerIfReady(replica, question)).toBeNull();
});
