// Examples of jobs, for the reference.
import type { JobEvent, JobView } from "../../../src/contract/jobs.ts";
import { AT, LATER } from "./heads.ts";

export const JOB_ID = "job_7hG2kQmX4tRw9bNcYz1D";

export const QUEUED: JobView = {
  id: JOB_ID,
  status: "queued",
  phase: "queued",
  progress: 0,
  trigger: { kind: "api" },
  recipe: "auto",
  seed: 0,
  version: null,
  error: null,
  created_at: AT,
  started_at: null,
  finished_at: null,
};

export const JOB: JobView = {
  ...QUEUED,
  status: "succeeded",
  phase: "done",
  progress: 1,
  version: 1,
  started_at: AT,
  finished_at: LATER,
};

export const CANCELLED: JobView = { ...QUEUED, status: "cancelled", finished_at: LATER };

export const JOB_EVENT: JobEvent = {
  id: 3,
  type: "progress",
  data: { phase: "select", progress: 0.4 },
  created_at: AT,
};

export const EVENT_STREAM = `id: 3
event: progress
data: {"phase":"select","progress":0.4}

id: 9
event: succeeded
data: {"version":1}

`;
