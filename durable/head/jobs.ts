// Starting and cancelling jobs.
import type { JobView } from "../../src/contract/jobs.ts";
import { isTerminal } from "../../src/contract/jobs.ts";
import type { JobRequestBody } from "../../src/contract/rpc.ts";
import { Fault } from "../../src/core/problems.ts";
import { cancel, type Job, queueJob, viewOfJob } from "../../src/lifecycle/job.ts";
import { assertTrainable } from "../../src/lifecycle/readiness.ts";
import { clearTraining } from "./checkpoint.ts";
import type { HeadStore } from "./store.ts";

/** Queues a job, unless one is under way or the examples are too few. */
export async function startJob(
  store: HeadStore,
  { id, promote, ...rest }: JobRequestBody,
  now: number,
): Promise<JobView> {
  const open = store.jobs.open();
  if (open)
    throw new Fault("job_running", `Job ${open.id} is ${open.status}; wait for it or cancel it`, {
      extensions: { job: open.id },
    });
  assertTrainable(countInputs(store), store.config.backbone.dimension);
  const request = { ...rest, promote: promote ?? store.meta.get("policy")?.promote ?? "if_better" };
  const job = queueJob(id, request, { kind: "api" }, now);
  store.storage.transactionSync(() => {
    store.jobs.put(job);
    store.events.add(id, "progress", { phase: "queued", progress: 0 }, now);
  });
  await store.alarms.set("train", now);
  return viewOfJob(job);
}

function countInputs(store: HeadStore) {
  const query = `SELECT labels.name AS label, count(DISTINCT input) AS inputs FROM examples JOIN labels ON labels.id = label
    WHERE split IS NOT 'test' GROUP BY label`;
  const counts = store.storage.sql.exec<{ label: string; inputs: number }>(query).toArray();
  const labels = store.config.labels ?? store.labels.all().map(({ name }) => name);
  return labels.map((label) => ({ label, inputs: counts.find((row) => row.label === label)?.inputs ?? 0 }));
}

export function cancelJob(store: HeadStore, id: string, now: number): JobView {
  const job = jobOrFault(store, id);
  if (isTerminal(job.status)) throw new Fault("job_ended", `Job ${id} has ended already: ${job.status}`);
  const cancelled = cancel(job, now);
  store.storage.transactionSync(() => {
    store.jobs.put(cancelled);
    store.events.add(id, "cancelled", {}, now);
    clearTraining(store);
  });
  return viewOfJob(cancelled);
}

export function jobOrFault(store: HeadStore, id: string): Job {
  const job = store.jobs.get(id);
  if (!job) throw new Fault("not_found", `There is no job "${id}" in this head`);
  return job;
}
