// The cache of weights beside trainings of the same isolate.
import { expect, it } from "vitest";
import type { ServingState } from "../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { WeightCache } from "../../src/serving/weights.ts";

const MIB = 2 ** 20;

it("the cache holds fewer weights while a training reserves memory, and as many as before afterwards", async () => {
  const memory = new MemoryBudget(LIMITS.memoryBytes, () => 0);
  const cache = new WeightCache(memory);
  await fill(cache);
  expect(cache.bytes).toBeGreaterThan(LIMITS.replicaBytes - 2 * MIB);
  const training = memory.take(LIMITS.memoryBytes);
  expect(cache.bytes + memory.inUse).toBeLessThanOrEqual(LIMITS.sharedBytes);
  expect(cache.bytes).toBeGreaterThan(LIMITS.leastReplicaBytes - 2 * MIB);
  await fill(cache);
  expect(cache.bytes + memory.inUse).toBeLessThanOrEqual(LIMITS.sharedBytes);
  training.release();
  await fill(cache);
  expect(cache.bytes).toBeGreaterThan(LIMITS.replicaBytes - 2 * MIB);
});

/** More weights than the cache holds, of 1 MiB each. */
async function fill(cache: WeightCache): Promise<void> {
  const bytes = encodeTrainedHead(headOfMebibyte());
  for (let version = 1; version <= (2 * LIMITS.replicaBytes) / MIB; version++)
    await cache.of("tenant/head", STATE, version, async () => bytes);
}

const STATE = { split: [], shadow: null, born: 1, versionsRemoved: 0 } as unknown as ServingState;

function headOfMebibyte(): TrainedHead {
  const [dims, outputs] = [1_024, 256];
  return {
    task: "classification",
    kind: "linear",
    labels: Array.from({ length: outputs }, (_, k) => `label ${k}`),
    scaler: {
      mean: new Float32Array(dims),
      inverse: new Float32Array(dims).fill(1),
      target: { mean: 0, deviation: 1 },
    },
    layers: [{ weights: new Float32Array(dims * outputs), bias: new Float32Array(outputs) }],
    temperature: 1,
    thresholds: null,
    conformal: null,
  };
}
