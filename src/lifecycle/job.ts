// The life of a job: queued → running → succeeded, failed or cancelled. Pure transitions over plain data; a finished job never
// changes.
import { isTerminal, type JobStatus, type JobView } from "../contract/jobs.ts";
import type { Promotion, RareLabels, RecipeName, RecipeOptions } from "../contract/recipes.ts";
import type { Verification } from "../contract/versions.ts";
import { timestamp } from "../core/clock.ts";
import { type FaultData, PROBLEMS } from "../core/problems.ts";

export interface JobRequest {
  readonly recipe: RecipeName;
  readonly seed: number;
  readonly options: RecipeOptions;
  readonly promote: Promotion;
  /** Absent: `refuse`. */
  readonly rareLabels?: RareLabels | undefined;
  /** The version that the job verifies, instead of training one. */
  readonly verify?: number | undefined;
}

interface JobBase {
  readonly id: string;
  readonly request: JobRequest;
  readonly trigger: JobView["trigger"];
  readonly phase: string;
  readonly progress: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
}

export type Job = JobBase &
  (
    | { readonly status: "queued" | "running" }
    | { readonly status: "succeeded"; readonly version: number; readonly finishedAt: number }
    | {
        readonly status: "succeeded";
        readonly version: null;
        readonly verification: Verification;
        readonly finishedAt: number;
      }
    | { readonly status: "failed"; readonly fault: FaultData; readonly finishedAt: number }
    | { readonly status: "cancelled"; readonly finishedAt: number }
  );

export function queueJob(id: string, request: JobRequest, trigger: JobView["trigger"], now: number): Job {
  return { id, request, trigger, status: "queued", phase: "queued", progress: 0, createdAt: now, startedAt: null };
}

/** Running, with its current phase. Progress never decreases, although a killed job repeats some work. */
export function advance(job: Job, phase: string, progress: number, now: number): Job {
  return {
    ...open(job),
    status: "running",
    phase,
    progress: Math.max(job.progress, progress),
    startedAt: job.startedAt ?? now,
  };
}

export const succeed = (job: Job, version: number, now: number): Job => ({
  ...open(job),
  status: "succeeded",
  phase: "done",
  progress: 1,
  version,
  finishedAt: now,
});

/** A verification job has its verdict. */
export const verified = (job: Job, verification: Verification, now: number): Job => ({
  ...open(job),
  status: "succeeded",
  phase: "done",
  progress: 1,
  version: null,
  verification,
  finishedAt: now,
});

export const fail = (job: Job, fault: FaultData, now: number): Job => ({
  ...open(job),
  status: "failed",
  fault,
  finishedAt: now,
});

export const cancel = (job: Job, now: number): Job => ({ ...open(job), status: "cancelled", finishedAt: now });

/** Throws for a finished job: such a transition is a bug of the caller. */
function open(job: Job): JobBase {
  if (isTerminal(job.status)) throw new Error(`Job ${job.id} has ended: ${job.status}`);
  return job;
}

export function viewOfJob(job: Job): JobView {
  const finishedAt = "finishedAt" in job ? job.finishedAt : null;
  return {
    id: job.id,
    status: job.status satisfies JobStatus,
    phase: job.phase,
    progress: job.progress,
    trigger: job.trigger,
    recipe: job.request.recipe,
    seed: job.request.seed,
    version: job.status === "succeeded" ? job.version : null,
    verify: job.request.verify,
    verification: "verification" in job ? job.verification : undefined,
    error: job.status === "failed" ? problemOf(job.fault) : null,
    created_at: timestamp(job.createdAt),
    started_at: job.startedAt === null ? null : timestamp(job.startedAt),
    finished_at: finishedAt === null ? null : timestamp(finishedAt),
  };
}

const problemOf = ({ code, detail }: FaultData): NonNullable<JobView["error"]> => ({
  type: `urn:lastlayer:problem:${code}`,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  detail,
  code,
});
