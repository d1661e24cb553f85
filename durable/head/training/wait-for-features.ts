// Lets a job wait for features: those of pending inputs, or those of an older revision that the backbone, which is away, must
// compute.
import { BackboneAway } from "../../../src/backbones/backbone.ts";
import { Fault } from "../../../src/core/problems.ts";
import { waitWhileAwayMs } from "../../../src/lifecycle/away.ts";
import { advance, type Job } from "../../../src/lifecycle/job.ts";
import type { HeadStore } from "../store.ts";
import { hasCheckpoint } from "./checkpoint.ts";
import type { ObjectTools } from "./job-progress.ts";

/** The longest time between two checks whether all inputs have features. */
const LOOK_EVERY_MS = 60_000;

/** Number of failures after which a job no longer waits for an input. */
const MOST_FAILURES = 5;

/**
 * Whether the job waits for pending inputs. If so, it wakes together with the alarm that embeds them. Throws if every pending
 * input has failed too often: a training must not silently leave out an example.
 */
export async function awaitsFeatures(store: HeadStore, job: Job, tools: ObjectTools): Promise<boolean> {
  const { pending } = store.features;
  if (hasCheckpoint(store) || !pending.has()) return false;
  const failed = pending.failedExample(MOST_FAILURES);
  if (failed !== null) throw notEmbedded(failed, pending.count());
  const now = tools.now();
  await waitUntil(store, job, Math.min(store.alarms.at("embed") ?? now, now + LOOK_EVERY_MS), tools);
  return true;
}

const notEmbedded = (example: string, inputs: number): Fault =>
  new Fault(
    "conflict",
    `The features of ${inputs} inputs cannot be computed, among them that of the example "${example}": delete or replace it`,
  );

/** Lets the job wait for a backbone that could not compute features again: longer after each attempt. Rethrows other errors. */
export async function waitIfAway(store: HeadStore, job: Job, error: unknown, tools: ObjectTools): Promise<null> {
  tools.turns.check();
  if (!(error instanceof BackboneAway)) throw error;
  const attempts = store.meta.get("away")?.attempts ?? 0;
  store.meta.set("away", { attempts: attempts + 1 });
  await waitUntil(store, job, tools.now() + waitWhileAwayMs(attempts, error.data.retryAfterSeconds), tools);
  return null;
}

/** Reports that the job waits for features, and wakes it again at `at`. */
async function waitUntil(store: HeadStore, job: Job, at: number, { now, notify }: ObjectTools): Promise<void> {
  if (job.phase !== "embedding") {
    const waiting = advance(job, "embedding", 0, now());
    store.storage.transactionSync(() => {
      store.jobs.put(waiting);
      store.events.add(job.id, "progress", { phase: waiting.phase, progress: waiting.progress }, now());
    });
    notify();
  }
  await store.alarms.move("train", at);
}
