// What the calls of a head's contract do: one line each.
import { isTerminal, type JobEvent } from "../../src/contract/jobs.ts";
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { viewOfJob } from "../../src/lifecycle/job.ts";
import type { Calls } from "../kit/calls.ts";
import type { Signal } from "../kit/signal.ts";
import { appendExamples, deleteExample, exportExamples, showExample, updateExample } from "./examples.ts";
import { cancelJob, jobOrFault, listJobEvents, startJob, startVerification } from "./jobs.ts";
import type { HeadStore } from "./store.ts";
import { listLabelIssues, listVersions, promoteVersion, viewOfVersion } from "./versions.ts";
import { updateHead, viewOfHead } from "./view.ts";

/** What a head's object keeps open. */
export interface HeadTools {
  readonly store: HeadStore;
  readonly now: Clock;
  /** Told of every event of a job. */
  readonly changed: Signal;
  /** Whether this is still the head: it may be deleted while a call waits. */
  isCurrent(): boolean;
}

export type HeadCalls<Names extends keyof HeadRpc> = Calls<HeadRpc, Names, HeadTools>;

export const exampleCalls: HeadCalls<
  | "missingFeatures"
  | "append"
  | "listExamples"
  | "exportExamples"
  | "getExample"
  | "updateExample"
  | "deleteExample"
  | "listLabelIssues"
> = {
  missingFeatures: ({ store }, digests) => store.features.missing(digests),
  append: ({ store, now }, request) => appendExamples(store, request, now()),
  listExamples: ({ store }, filter) => store.examples.list(filter),
  exportExamples: ({ store }, after, withFeatures) => exportExamples(store, after, withFeatures),
  getExample: ({ store }, id) => showExample(store, id),
  updateExample: ({ store, now }, id, patch) => updateExample(store, id, patch, now()),
  deleteExample: ({ store }, id) => {
    deleteExample(store, id);
    return null;
  },
  listLabelIssues: ({ store }, query) => listLabelIssues(store, query),
};

export const jobCalls: HeadCalls<"startJob" | "listJobs" | "getJob" | "cancelJob" | "listJobEvents" | "nextJobEvents"> =
  {
    startJob: ({ store, now }, request) => startJob(store, request, now()),
    listJobs: ({ store }, page) => store.jobs.list(page),
    getJob: ({ store }, id) => viewOfJob(jobOrFault(store, id)),
    cancelJob: ({ store, now, changed }, id) => {
      const job = cancelJob(store, id, now());
      changed.notify();
      return job;
    },
    listJobEvents: ({ store }, job, page) => listJobEvents(store, job, page),
    nextJobEvents,
  };

async function nextJobEvents({ store, changed, isCurrent }: HeadTools, job: string, after: number) {
  const read = (): { events: JobEvent[]; ended: boolean } => {
    const { status } = jobOrFault(store, job); // read first: an event that comes later is then seen as open
    const events = store.events.after(job, after, LIMITS.pageSizeMax);
    return { events, ended: isTerminal(status) && events.length < LIMITS.pageSizeMax };
  };
  const now = read();
  if (now.events.length > 0 || now.ended) return now;
  await changed.wait(LIMITS.eventWaitSeconds * 1_000);
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  return read();
}

export const versionCalls: HeadCalls<
  "describe" | "update" | "listVersions" | "getVersion" | "promoteVersion" | "verifyVersion"
> = {
  describe: ({ store }) => viewOfHead(store),
  update: ({ store }, patch) => updateHead(store, patch),
  listVersions: ({ store }, page) => listVersions(store, page),
  getVersion: ({ store }, version) => viewOfVersion(store, version),
  promoteVersion: ({ store, now }, version) => promoteVersion(store, version, now()),
  verifyVersion: ({ store, now }, version, job) => startVerification(store, version, job, now()),
};
