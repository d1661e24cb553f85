// Cancels jobs, and lists them and their events.
import type { Page, PageQuery } from "../../../src/contract/common.ts";
import { isTerminal, type JobEvent, type JobView } from "../../../src/contract/jobs.ts";
import { Fault } from "../../../src/core/problems.ts";
import { cancel, type Job, viewOfJob } from "../../../src/lifecycle/job.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../../kit/pages.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import { endTraining } from "../training/checkpoint.ts";

export function cancelJob(store: HeadStore, id: string, now: number): JobView {
  const job = jobOrFault(store, id);
  if (isTerminal(job.status)) throw new Fault("job_ended", `Job ${id} has ended already: ${job.status}`);
  const cancelled = cancel(job, now);
  store.storage.transactionSync(() => {
    store.jobs.put(cancelled);
    store.events.add(id, "cancelled", {}, now);
    emitEvent(store, "job.cancelled", { job: id }, now);
    endTraining(store, cancelled, { fault: null }, now);
  });
  return viewOfJob(cancelled);
}

export function jobOrFault(store: HeadStore, id: string): Job {
  const job = store.jobs.get(id);
  if (!job) throw new Fault("not_found", `There is no job "${id}" in this head`);
  return job;
}

export function listJobEvents(store: HeadStore, job: string, page: PageQuery): Page<JobEvent> {
  jobOrFault(store, job);
  const rows = store.events.after(job, numberCursor(page, 0), rowsToRead(page));
  return pageOfRows(
    rows,
    page,
    ({ id }) => id,
    (event) => event,
  );
}
