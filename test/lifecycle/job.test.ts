// The life of a job: it only moves forward, and an ended job never changes.
import { describe, expect, it } from "vitest";
import { advance, cancel, fail, type Job, queueJob, succeed, viewOfJob } from "../../src/lifecycle/job.ts";

const REQUEST = { recipe: "auto", seed: 3, options: {}, promote: "if_better" } as const;
const FAULT = { code: "not_enough_examples", detail: "there are none" } as const;
const NOW = Date.UTC(2026, 10, 23);

const queued = (): Job => queueJob("job_1", REQUEST, { kind: "api" }, NOW);

const ENDS: readonly (readonly [string, (job: Job) => Job])[] = [
  ["succeeded", (job) => succeed(job, 4, NOW + 9)],
  ["failed", (job) => fail(job, FAULT, NOW + 9)],
  ["cancelled", (job) => cancel(job, NOW + 9)],
];

it("a job begins queued and with no progress", () => {
  expect(viewOfJob(queued())).toEqual({
    id: "job_1",
    status: "queued",
    phase: "queued",
    progress: 0,
    trigger: { kind: "api" },
    recipe: "auto",
    seed: 3,
    version: null,
    error: null,
    created_at: "2026-11-23T00:00:00.000Z",
    started_at: null,
    finished_at: null,
  });
});

describe("a running job", () => {
  it("keeps the time of its first start", () => {
    const job = advance(advance(queued(), "scale", 0.1, NOW + 5), "select", 0.2, NOW + 7);
    expect(viewOfJob(job)).toMatchObject({
      status: "running",
      phase: "select",
      started_at: "2026-11-23T00:00:00.005Z",
    });
  });

  it("never decreases its progress, although a killed job repeats work", () => {
    const job = advance(advance(queued(), "refit", 0.8, NOW), "select", 0.3, NOW);
    expect(job).toMatchObject({ phase: "select", progress: 0.8 });
  });
});

describe.each(ENDS)("a job that %s", (status, end) => {
  it("can do so from queued and from running, and keeps the time", () => {
    for (const job of [queued(), advance(queued(), "select", 0.5, NOW)]) {
      expect(viewOfJob(end(job))).toMatchObject({ status, finished_at: "2026-11-23T00:00:00.009Z" });
    }
  });

  it("is final: no transition leaves it", () => {
    const ended = end(queued());
    for (const [, again] of ENDS) expect(() => again(ended)).toThrow(`has ended: ${status}`);
    expect(() => advance(ended, "select", 0.9, NOW)).toThrow(`has ended: ${status}`);
  });

  it("has a version only if it succeeded, and an error only if it failed", () => {
    const { version, error } = viewOfJob(end(queued()));
    expect(version).toBe(status === "succeeded" ? 4 : null);
    expect(error?.code ?? null).toBe(status === "failed" ? "not_enough_examples" : null);
  });

  it("does not change the job from which it was made", () => {
    const job = queued();
    end(job);
    expect(job).toEqual(queued());
  });

  it("is the same after a round trip through JSON", () => {
    const ended = end(advance(queued(), "select", 0.5, NOW));
    expect(viewOfJob(JSON.parse(JSON.stringify(ended)) as Job)).toEqual(viewOfJob(ended));
  });
});

it("a failed job is shown as a problem with the status of its code", () => {
  expect(viewOfJob(fail(queued(), FAULT, NOW)).error).toEqual({
    type: "urn:lastlayer:problem:not_enough_examples",
    status: 422,
    code: "not_enough_examples",
    title: "There are too few examples",
    detail: "there are none",
  });
});

it("a successful job has progress 1", () => {
  expect(succeed(queued(), 1, NOW)).toMatchObject({ progress: 1, phase: "done" });
});
