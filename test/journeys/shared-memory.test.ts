// One isolate's memory, shared by trainings and uploads of several heads: reservations stay within the budget, and all of them
// are released.
import { expect, it } from "vitest";
import { EXPECTED_UPLOADED, measureSharedMemory } from "../bench/host/shared-memory.ts";

/** Bytes for weights, trainings and uploads together, and the same including V8's objects. An isolate has 128 MB. */
const MOST = { buffers: 96 * 2 ** 20, isolate: 120e6 } as const;

it("three heads of 400 labels can be trained during two uploads within the memory budget, which is free afterwards", async () => {
  const { budget, bufferBytes, isolateBytes, jobs, sawQueued, uploaded } = await measureSharedMemory(400, 2, {
    l2: 0.1,
    max_iterations: 1,
  });
  expect(jobs).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(uploaded).toBe(EXPECTED_UPLOADED);
  expect(sawQueued).toBe(true);
  expect(bufferBytes).toBeLessThanOrEqual(MOST.buffers);
  expect(isolateBytes).toBeLessThanOrEqual(MOST.isolate);
  expect(budget.peak).toBeLessThanOrEqual(budget.capacity);
  expect(budget.peak).toBeGreaterThan(0.5 * budget.capacity);
  expect([budget.in_use, budget.waiting]).toEqual([0, 0]);
});
