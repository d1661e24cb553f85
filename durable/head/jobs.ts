// Starting and cancelling jobs, those that verify a version among them.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import { isTerminal, type JobEvent, type JobView } from "../../src/contract/jobs.ts";
import type { JobRequestBody, VerificationStart } from "../../src/contract/rpc.ts";
import { Fault } from "../../src/core/problems.ts";
import { cancel, type Job, queueJob, viewOfJob } from "../../src/lifecycle/job.ts";
import { assertHiddenFits, assertTrainable, assertUpdateOptions } from "../../src/lifecycle/readiness.ts";
import { verdictOnVersion } from "../../src/lifecycle/verification.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";
import { clearTraining } from "./checkpoint.ts";
import { datasetNow } from "./dataset.ts";
import type { HeadStore } from "./store.ts";
import { recordOf } from "./versions.ts";

/** Queues a job, unless one is under way or the examples are too few. */
export async function startJob(
  store: HeadStore,
  { id, promote, ...rest }: JobRequestBody,
  now: number,
): Promise<JobView> {
  assertNoJob(store);
  const { task, backbone } = store.config;
  const counted = countInputs(store);
  assertTrainable({ task, dims: backbone.dimension, ...counted });
  assertHiddenFits(rest.options, backbone.dimension, counted.counts.length);
  assertUpdateOptions(rest);
  const request = { ...rest, promote: promote ?? store.meta.get("policy")?.promote ?? "if_better" };
  const job = queueJob(id, request, { kind: "api" }, now);
  store.storage.transactionSync(() => {
    store.jobs.put(job);
    store.events.add(id, "progress", { phase: "queued", progress: 0 }, now);
  });
  await store.alarms.set("train", now);
  return viewOfJob(job);
}

/** Queues a job that trains once more as a version was; or answers at once where the head has other examples by now. */
export async function startVerification(
  store: HeadStore,
  version: number,
  id: string,
  now: number,
): Promise<VerificationStart> {
  const { recipe, seed, digest, dataset } = recordOf(store, version);
  assertNoJob(store);
  if ((await datasetNow(store)).digest !== dataset.digest)
    return { verdict: verdictOnVersion({ version, digest }, null) };
  const options = recipe.options ?? {};
  await startJob(store, { id, recipe: recipe.name, options, seed, promote: "never", verify: version }, now);
  return { job: id };
}

function assertNoJob({ jobs }: HeadStore): void {
  const open = jobs.open();
  if (!open) return;
  const detail = `Job ${open.id} is ${open.status}; wait for it or cancel it`;
  throw new Fault("job_running", detail, { extensions: { job: open.id } });
}

/** Throws the fault that says why the head cannot be trained yet. */
export function assertReady(store: HeadStore): void {
  const { task, backbone } = store.config;
  assertTrainable({ task, dims: backbone.dimension, ...countInputs(store) });
}

function countInputs({ storage: { sql }, config, labels }: HeadStore) {
  const isTraining = "split IS NOT 'test'";
  const from =
    config.task === "multilabel"
      ? "example_labels JOIN examples ON seq = example JOIN labels ON labels.id = example_labels.label"
      : "examples JOIN labels ON labels.id = examples.label";
  const query = `SELECT labels.name AS label, count(DISTINCT input) AS inputs FROM ${from} WHERE ${isTraining} GROUP BY labels.id`;
  const rows = new Map(
    sql
      .exec<{ label: string; inputs: number }>(query)
      .toArray()
      .map((row) => [row.label, row.inputs]),
  );
  const names = config.labels ?? labels.all().map(({ name }) => name);
  const all = `SELECT count(DISTINCT input) AS inputs FROM examples WHERE ${isTraining}`;
  return {
    inputs: sql.exec<{ inputs: number }>(all).one().inputs,
    counts: names.map((label) => ({ label, inputs: rows.get(label) ?? 0 })),
  };
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
