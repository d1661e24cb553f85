// A verification job repeats the training of a version and compares the digests. This file decides which features it reads and
// whether the examples are still the same, and ends it.
import { isTerminal } from "../../../src/contract/jobs.ts";
import type { Verification } from "../../../src/contract/versions.ts";
import { type Job, verified } from "../../../src/lifecycle/job.ts";
import { verdictOnVersion } from "../../../src/lifecycle/verification.ts";
import { revisionOf } from "../examples/revision.ts";
import { assertReembeds } from "../files/kept-inputs.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { recordOf } from "../versions/versions.ts";
import { endTraining } from "./checkpoint.ts";

/** The older backbone revision whose features a job reads: a verification uses those of its version. null: the newest. */
export function revisionToRead(store: HeadStore, { request }: Job): string | null {
  const revision = request.verify === undefined ? null : revisionOf(store, request.verify);
  if (revision !== null) assertReembeds(store);
  return revision;
}

/** Whether a verification job has read other examples than the version was trained on. */
export function isOutdated(store: HeadStore, { request }: Job, { digest }: HeadMeta["dataset"]): boolean {
  return request.verify !== undefined && recordOf(store, request.verify).dataset.digest !== digest;
}

/** Ends the job with its verdict; nothing if it was cancelled. */
export function endVerification(store: HeadStore, id: string, retrained: string | null, now: number): void {
  store.storage.transactionSync(() => {
    const job = store.jobs.get(id);
    if (!job || isTerminal(job.status) || job.request.verify === undefined) return;
    const verdict = verdictOf(store, job.request.verify, retrained);
    store.jobs.put(verified(job, verdict, now));
    store.events.add(id, "succeeded", { verify: verdict.version, same: verdict.same, progress: 1 }, now);
    emitEvent(store, "job.succeeded", { job: id }, now);
    endTraining(store, job, "version", now);
  });
}

const verdictOf = (store: HeadStore, version: number, retrained: string | null): Verification =>
  verdictOnVersion(
    { version, digest: recordOf(store, version).digest },
    retrained === null ? "dataset_changed" : { digest: retrained },
  );
