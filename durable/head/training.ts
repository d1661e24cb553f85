// Runs the job at hand inside an alarm: gather, train in slices with a turn of the event loop between them, checkpoint,
// finish. Everything a restart needs is in SQLite; a killed job goes on from its last checkpoint to the same bits.

import { WORK } from "../../src/core/work.ts";
import type { Checkpoint } from "../../src/engine/checkpoint.ts";
import { isLarge } from "../../src/engine/plan.ts";
import { isNewlyScaled, runSlice, type Slice } from "../../src/engine/trainer.ts";
import { TrainingData } from "../../src/engine/training-data.ts";
import { begin } from "./begin.ts";
import { clearTraining, hasCheckpoint, loadCheckpoint } from "./checkpoint.ts";
import { finishTraining } from "./finish.ts";
import { failJob, isOpen, save, type TrainingTools, tell } from "./job-progress.ts";
import type { HeadStore } from "./store.ts";
import { noteWork } from "./use.ts";

/** Trains for one alarm's worth of work. "more": call again in another alarm. */
export async function runTraining(store: HeadStore, tools: TrainingTools): Promise<"more" | "ended"> {
  const job = store.jobs.open();
  if (!job) return tidy(store, tools);
  try {
    const from = await (hasCheckpoint(store) ? resume(store, job.id, tools) : begin(store, job, tools));
    if (from && (await trainOn(store, job.id, from, tools)) === "more") return "more";
  } catch (error) {
    if (tools.isCurrent()) failJob(store, job.id, error, tools);
  }
  return tidy(store, tools);
}

const resume = (store: HeadStore, job: string, { pace, isCurrent }: TrainingTools): Promise<Checkpoint | null> =>
  loadCheckpoint(
    store,
    () => pace.turn(),
    () => isCurrent() && isOpen(store, job),
  );

/** What the last job needed goes, and its alarm after it: a kill leaves nothing behind. A job that was queued since keeps both. */
async function tidy(store: HeadStore, { pace, isCurrent }: TrainingTools): Promise<"ended"> {
  const isIdle = (): boolean => isCurrent() && !store.jobs.open();
  if (isIdle()) await clearTraining(store, () => pace.turn(), isIdle);
  if (isIdle()) store.alarms.clear("train");
  return "ended";
}

/** The training loop of a job, a slice at a time. */
async function trainOn(
  store: HeadStore,
  job: string,
  from: Checkpoint,
  tools: TrainingTools,
): Promise<"more" | "ended"> {
  const data = await TrainingData.open(
    store.snapshot.blocks(from.plan.dims, from.plan.foldRows.length),
    !isLarge(from.plan),
  );
  try {
    let [saved, told, state] = [from, from, from];
    while (tools.isCurrent() && isOpen(store, job)) {
      const slice = await nextSlice(state, data, tools);
      state = slice.checkpoint;
      await tools.pace.turn();
      if (slice.done) return await finish(store, job, state, data, tools);
      const pause = state.work - from.work >= WORK.perAlarm;
      if (pause || isDue(saved, state)) saved = await save(store, job, state, tools);
      else if (state.trials.length > told.trials.length) tell(store, job, state, tools);
      told = state;
      if (pause) return "more";
    }
    return "ended";
  } finally {
    data.dispose();
  }
}

const nextSlice = (state: Checkpoint, data: TrainingData, { pace }: TrainingTools): Promise<Slice> =>
  runSlice(state, data, pace.isBusy() ? WORK.perBusySlice : WORK.perSlice);

async function finish(
  store: HeadStore,
  job: string,
  state: Checkpoint,
  data: TrainingData,
  tools: TrainingTools,
): Promise<"ended"> {
  noteWork(store, job, state.work);
  await finishTraining(store, job, state, { now: tools.now, turn: () => tools.pace.turn(), data });
  tools.notify();
  return "ended";
}

/** The scaler is new, or a second of work has gone by. */
const isDue = (saved: Checkpoint, state: Checkpoint): boolean =>
  isNewlyScaled(saved, state) || state.work - saved.work >= WORK.perCheckpoint;
