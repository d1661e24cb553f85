// Starts jobs: checks that a training may begin, and queues it.
import type { JobView } from "../../../src/contract/jobs.ts";
import type { JobRequestBody } from "../../../src/contract/rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { type Job, queueJob, viewOfJob } from "../../../src/lifecycle/job.ts";
import { assertHiddenFits, assertUpdateOptions } from "../../../src/lifecycle/readiness.ts";
import { policyOf } from "../backlog.ts";
import { assertEnoughInputs } from "../examples/count-inputs.ts";
import { assertMayTrain } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";

/** Queues a job for an API caller. Throws if a job is open or the examples are too few. */
export async function startJob(store: HeadStore, request: JobRequestBody, now: number): Promise<JobView> {
  const job = addJob(store, request, "api", now);
  await store.alarms.arm();
  return viewOfJob(job);
}

/** Queues a job of any trigger; may run in a transaction. The caller arms the alarms after it. */
export function addJob(
  store: HeadStore,
  { id, promote, ...rest }: JobRequestBody,
  kind: JobView["trigger"]["kind"],
  now: number,
): Job {
  assertNoJob(store);
  assertMayTrain(store, now);
  const trained = assertEnoughInputs(store, rest.rareLabels);
  assertHiddenFits(rest.options, store.config.backbone.dimension, trained);
  assertUpdateOptions(rest);
  const request = { ...rest, promote: promote ?? policyOf(store).promote };
  const job = queueJob(id, request, { kind }, now);
  store.storage.transactionSync(() => {
    store.jobs.put(job);
    store.events.add(id, "progress", { phase: "queued", progress: 0 }, now);
    store.alarms.note("train", now);
  });
  return job;
}

export function assertNoJob({ jobs }: HeadStore): void {
  const open = jobs.open();
  if (!open) return;
  const detail = `Job ${open.id} is ${open.status}; wait for it or cancel it`;
  throw new Fault("job_running", detail, { extensions: { job: open.id } });
}
