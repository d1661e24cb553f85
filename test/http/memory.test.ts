// The memory of the isolate, for callers: jobs and uploads wait in a queue, predictions never do.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../src/contract/jobs.ts";
import type { Predictions } from "../../src/contract/predict.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { isolateMemory, type Reservation } from "../../src/core/memory-budget.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must, train, upload, waitForJob } from "../support/service.ts";
import { until } from "../support/until.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("memory")).key;
  await makeReady("first"); // loads the training code before any memory is reserved
  await train(key, "first");
});

const held: Reservation[] = [];
const waiting: string[] = [];
afterEach(() => {
  for (const reservation of held.splice(0)) reservation.release();
  for (const place of waiting.splice(0)) isolateMemory.leave(place);
  expect(isolateMemory.inUse).toBe(0);
});

/** Reserves all memory. */
function holdAll(): Reservation {
  const reservation = isolateMemory.take(isolateMemory.capacity);
  held.push(reservation);
  return reservation;
}

const rows = Array.from({ length: 40 }, (_, i) => ({ features: [i % 2, 1, i / 40], label: `label-${i % 2}` }));

async function makeReady(head: string): Promise<void> {
  await makeHead(key, head, { dimension: 3 });
  await upload(key, head, rows);
}

const start = (head: string) => must<JobView>("POST", `/v1/heads/${head}/jobs`, { key, body: { recipe: "linear" } });
const statusOf = async (head: string, job: string) =>
  (await must<JobView>("GET", `/v1/heads/${head}/jobs/${job}`, { key })).status;

describe("a job that finds no memory free", () => {
  it("stays queued until memory is free, and then trains", async () => {
    await makeReady("waits");
    const all = holdAll();
    const { id } = await start("waits");
    await until(() => isolateMemory.waiting === 1);
    expect(await statusOf("waits", id)).toBe("queued");
    all.release();
    expect((await waitForJob(key, "waits", id)).status).toBe("succeeded");
    expect([isolateMemory.inUse, isolateMemory.waiting]).toEqual([0, 0]);
  });

  it.each(["cancelled", "deleted with its head"])("leaves the queue when it is %s", async (how) => {
    const head = `leaves-${how.length}`;
    await makeReady(head);
    holdAll();
    const { id } = await start(head);
    await until(() => isolateMemory.waiting === 1);
    const [method, path] = how === "cancelled" ? ["POST", `/jobs/${id}/cancel`] : ["DELETE", ""];
    expect((await call(method as string, `/v1/heads/${head}${path}`, { key })).status).toBeLessThan(300);
    await until(() => isolateMemory.waiting === 0);
  });
});

describe("while all memory is reserved,", () => {
  it("predictions are answered at once, with one input or with many", async () => {
    await makeReady("predicts");
    await train(key, "predicts", { promote: "always" });
    holdAll();
    for (const count of [1, LIMITS.inputsPerPredict]) {
      const inputs = Array.from({ length: count }, (_, i) => ({ features: [i % 2, 1, 0.5] }));
      const answer = await must<Predictions>("POST", "/v1/heads/predicts/predict", { key, body: { inputs } });
      expect(answer.predictions).toHaveLength(count);
    }
  });

  it("a small upload is accepted, and a large one waits", async () => {
    await makeHead(key, "uploads", { backbone: "text-embedded" });
    const all = holdAll();
    expect(await upload(key, "uploads", [{ text: "small", label: "a" }])).toMatchObject({ added: 1 });
    const many = Array.from({ length: 900 }, (_, i) => ({ text: `a text of some length, number ${i}`, label: "a" }));
    const large = upload(key, "uploads", many);
    await until(() => isolateMemory.waiting === 1);
    all.release();
    expect(await large).toMatchObject({ added: 900 });
  });

  it("a large upload that finds the queue full gets 503 with the time of a retry", async () => {
    await makeHead(key, "full", { backbone: "text-embedded" });
    holdAll();
    for (let i = 0; i < LIMITS.memoryQueue; i++) {
      waiting.push(`place/${i}`);
      isolateMemory.tryReserve({ key: `place/${i}`, bytes: 1, patient: false });
    }
    const examples = Array.from({ length: 900 }, (_, i) => ({
      text: `a text of some length, number ${i}`,
      label: "a",
    }));
    const answer = await call("POST", "/v1/heads/full/examples", { key, body: { examples } });
    expectProblem(answer, 503, "overloaded");
    expect(answer.headers.get("Retry-After")).toBe(String(LIMITS.memoryRetrySeconds));
    expect(isolateMemory.waiting).toBe(LIMITS.memoryQueue);
  });
});
