// Trainings that nobody asked for by name: at most one at a time.
import { makeId } from "../../src/core/ids.ts";
import { outcomeOf } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { Job } from "../../src/lifecycle/job.ts";
import { startJob } from "./jobs.ts";
import type { HeadStore } from "./store.ts";

/** The job that is to train on what the head holds now; null where there is too little to train on. */
export async function trainBecauseOf(store: HeadStore, kind: "policy" | "webhook", now: number): Promise<Job | null> {
  const open = store.jobs.open();
  if (open) return open;
  const request = { id: makeId("job", systemRandom), recipe: "auto", seed: 0, options: {} } as const;
  const started = await outcomeOf(() => startJob(store, request, now, { kind }));
  return started.ok ? store.jobs.get(started.value.id) : null;
}

/** Told after every change of examples, with how many it was of. */
export async function examplesChanged(_store: HeadStore, _count: number, _now: number): Promise<void> {}
