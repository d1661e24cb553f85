// Runs the open job inside an alarm: gather, train in slices with a turn of the event loop between them, checkpoint, finish.
// Everything a restart needs is in SQLite: a killed job resumes from its last checkpoint and ends with the same bits.

import type { Reservation } from "../../../src/core/memory-budget.ts";
import { type Interruption, isInterrupted, Turns } from "../../../src/core/turns.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import type { HeadStore } from "../store.ts";
import { clearTraining, hasCheckpoint, loadCheckpoint } from "./checkpoint.ts";
import { failJob } from "./fail-job.ts";
import { reserveFor } from "./job-memory.ts";
import { isJobOpen, type ObjectTools } from "./job-progress.ts";
import { begin } from "./start-training.ts";
import { trainOn } from "./training-loop.ts";
import { awaitsFeatures } from "./wait-for-features.ts";

/** Does one alarm's share of the work. "more": call again in another alarm. */
export async function runTraining(store: HeadStore, tools: ObjectTools): Promise<"more" | "ended"> {
  const job = store.jobs.open();
  try {
    if (job && (await awaitsFeatures(store, job, tools))) return "more";
    if (job && (await runJob(store, job, tools)) === "more") return "more";
  } catch (error) {
    tools.turns.check(); // ends the work of a deleted head
    if (job && !isInterrupted(error, "job_ended", "inputs_pending")) failJob(store, job.id, error, tools);
  }
  await tidy(store, tools);
  return "ended";
}

async function runJob(store: HeadStore, job: Job, tools: ObjectTools): Promise<"more" | "ended"> {
  const turns = tools.turns.until(() => (isJobOpen(store, job.id) ? null : "job_ended"));
  const memory = await reserveFor(store, job, () => turns.interruption === null);
  if (!memory) {
    turns.check();
    return "more"; // the job keeps its place in the queue for memory
  }
  try {
    turns.check();
    const own = { ...tools, turns: keeping(memory, tools, () => turns.interruption), memory };
    const from = await (hasCheckpoint(store) ? loadCheckpoint(store, own.turns) : begin(store, job, own));
    turns.check();
    return from ? await trainOn(store, job.id, from, own) : "ended";
  } finally {
    memory.release();
  }
}

/**
 * Turns that also keep the job's memory reserved. A reservation expires otherwise: the rows of a large head take long to read.
 */
function keeping(memory: Reservation, { pace }: ObjectTools, stop: () => Interruption | null): Turns {
  const turn = async (): Promise<void> => {
    await pace.turn();
    memory.touch();
  };
  return new Turns(1, turn, stop);
}

/** Deletes the data of the ended job, then its alarm, so that a crash leaves nothing behind. Stops if a new job is queued. */
async function tidy(store: HeadStore, tools: ObjectTools): Promise<void> {
  const turns = tools.turns.until(() => (store.jobs.open() ? "job_queued" : null));
  try {
    turns.check();
    await clearTraining(store, turns);
    await store.versions.clearUnfinished(turns);
    turns.check();
    store.alarms.clear("train");
  } catch (error) {
    if (!isInterrupted(error, "job_queued")) throw error;
  }
}
