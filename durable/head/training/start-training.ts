// Starts a job whose inputs all have features: reads its rows, decides what it trains from, and stores the first checkpoint.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { beginReading } from "../backlog.ts";
import type { HeadStore } from "../store.ts";
import { firstCheckpoint } from "./first-checkpoint.ts";
import { gather } from "./gather-rows.ts";
import { save, type TrainingTools } from "./job-progress.ts";
import { notesOf } from "./training-notes.ts";
import { endVerification, isOutdated, revisionToRead } from "./verification-job.ts";
import { waitIfAway } from "./wait-for-features.ts";

/** null: the job waits for features, or is a verification that has ended without a training. */
export async function begin(store: HeadStore, job: Job, tools: TrainingTools): Promise<Checkpoint | null> {
  // Both come before the rows are read: a later deletion must count, and a later change belongs to the next job.
  const deletions = store.meta.get("deletions")?.count ?? 0;
  beginReading(store, job);
  const rows = { rare: job.request.rareLabels ?? "refuse", revision: revisionToRead(store, job) };
  const reading = gather(store, rows, tools);
  const gathered = await reading.catch((error: unknown) => waitIfAway(store, job, error, tools));
  if (!gathered) return null;
  tools.turns.check();
  if (isOutdated(store, job, gathered)) return endOutdated(store, job, tools);
  const { checkpoint, base, note } = firstCheckpoint(store, job, { ...gathered, deletions });
  await save(store, job.id, checkpoint, tools, () => {
    store.meta.set("dataset", { ...gathered, deletions, base });
    store.meta.remove("away");
    for (const text of notesOf(gathered, note)) {
      store.events.add(job.id, "message", { text }, tools.now());
    }
  });
  return checkpoint;
}

/** Ends a verification without training: the version was trained on other examples than the head has now. */
function endOutdated(store: HeadStore, { id }: Job, { now, notify }: TrainingTools): null {
  endVerification(store, id, null, now());
  notify();
  return null;
}
