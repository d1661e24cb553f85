// Calls about a head's jobs.
import { isTerminal, type JobEvent } from "../../../src/contract/jobs.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { viewOfJob } from "../../../src/lifecycle/job.ts";
import { cancelJob, jobOrFault, listJobEvents } from "../jobs/jobs.ts";
import { startJob } from "../jobs/start-job.ts";
import { askTenant, reportSoon } from "../quota-usage.ts";
import type { HeadCalls, HeadTools } from "../tools.ts";

export const jobCalls: HeadCalls<"startJob" | "listJobs" | "getJob" | "cancelJob" | "listJobEvents" | "nextJobEvents"> =
  {
    startJob: async (tools, request) => {
      await askTenant(tools);
      return startJob(tools.store, request, tools.now());
    },
    listJobs: ({ store }, page) => store.jobs.list(page),
    getJob: ({ store }, id) => viewOfJob(jobOrFault(store, id)),
    cancelJob: async ({ store, now, changed }, id) => {
      const job = cancelJob(store, id, now());
      changed.notify();
      await reportSoon(store, now());
      return job;
    },
    listJobEvents: ({ store }, job, page) => listJobEvents(store, job, page),
    nextJobEvents,
  };

async function nextJobEvents({ store, changed }: HeadTools, job: string, after: number) {
  const read = (): { events: JobEvent[]; ended: boolean } => {
    const { status } = jobOrFault(store, job); // read first: an event that comes later is then seen as open
    const events = store.events.after(job, after, LIMITS.pageSizeMax);
    return { events, ended: isTerminal(status) && events.length < LIMITS.pageSizeMax };
  };
  const now = read();
  if (now.events.length > 0 || now.ended) return now;
  await changed.wait(LIMITS.eventWaitSeconds * 1_000);
  return read();
}
