// Ends a job with the fault that stopped it.
import { isTerminal } from "../../../src/contract/jobs.ts";
import { logEvent } from "../../../src/core/log.ts";
import { faultBehind } from "../../../src/core/problems.ts";
import { fail } from "../../../src/lifecycle/job.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import { endTraining } from "./checkpoint.ts";
import type { ObjectTools } from "./job-progress.ts";

export function failJob(store: HeadStore, id: string, error: unknown, { now, notify }: ObjectTools): void {
  const expected = faultBehind(error);
  const fault =
    expected?.data ?? ({ code: "internal", detail: "The training failed; the operator's log has the cause" } as const);
  if (!expected) logEvent("error", "job_failed", { job: id, error: String(error), stack: (error as Error).stack });
  store.storage.transactionSync(() => {
    const job = store.jobs.get(id);
    if (!job || isTerminal(job.status)) return;
    store.jobs.put(fail(job, fault, now()));
    store.events.add(id, "failed", { code: fault.code, detail: fault.detail }, now());
    emitEvent(store, "job.failed", { job: id }, now());
    endTraining(store, job, { fault }, now());
  });
  notify();
}
