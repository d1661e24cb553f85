// One isolate's memory, shared by trainings and uploads of several heads: what they reserve stays within the budget, and all of it
// comes back.
import { expect, it } from "vitest";
import { EXPECTED_UPLOADED, measureSharedMemory } from "../bench/host/shared-memory.ts";

/** For weights, trainings and uploads together; an isolate has 128 MB for these and for its code and requests. */
const MOST_BYTES = 96 * 2 ** 20;

it("trains three heads of 400 labels and takes two uploads at once within the budget, and gives all of it back", async () => {
  const { budget, isolateBytes, jobs, sawQueued, uploaded } = await measureSharedMemory(400, 2, {
    l2: 0.1,
    max_iterations: 1,
  });
  expect(jobs).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(uploaded).toBe(EXPECTED_UPLOADED);
  expect(sawQueued).toBe(true);
  expect(isolateBytes).toBeLessThanOrEqual(MOST_BYTES);
  expect(budget.peak).toBeLessThanOrEqual(budget.capacity);
  expect(budget.peak).toBeGreaterThan(0.5 * budget.capacity);
  expect([budget.in_use, budget.waiting]).toEqual([0, 0]);
}, 600_000);
