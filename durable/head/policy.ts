// Trainings that nobody asked for by name: at most one at a time.
import { makeId } from "../../src/core/ids.ts";
import { Fault } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import { type Job, queueJob } from "../../src/lifecycle/job.ts";
import { assertReady } from "./jobs.ts";
import type { HeadStore } from "./store.ts";

/**
 * Queues a job for the policy or a webhook, or returns the one that is queued or running; null where there is too little to
 * train on. Call it in a transaction, and arm the alarms after it.
 */
export function askForTraining(store: HeadStore, kind: "policy" | "webhook", now: number): Job | null {
  const open = store.jobs.open();
  if (open) return open;
  try {
    assertReady(store);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
  const promote = store.meta.get("policy")?.promote ?? "if_better";
  const request = { recipe: "auto", seed: 0, options: {}, promote } as const;
  const job = queueJob(makeId("job", systemRandom), request, { kind }, now);
  store.jobs.put(job);
  store.events.add(job.id, "progress", { phase: "queued", progress: 0 }, now);
  void store.alarms.set("train", now);
  return job;
}

/** The same, outside of a transaction. */
export async function trainBecauseOf(store: HeadStore, kind: "policy" | "webhook", now: number): Promise<Job | null> {
  const job = store.storage.transactionSync(() => askForTraining(store, kind, now));
  await store.alarms.arm();
  return job;
}

/** Told after every change of examples, in the same turn, with how many it was of. */
export async function examplesChanged(_store: HeadStore, _count: number, _now: number): Promise<void> {}
