// Runs the open job inside an alarm: gather, train in slices with a turn of the event loop between them, checkpoint, finish.
// Everything a restart needs is in SQLite: a killed job resumes from its last checkpoint and ends with the same bits.

import { isolateMemory, type Reservation } from "../../../src/core/memory-budget.ts";
import { WORK } from "../../../src/core/work.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import { isLarge } from "../../../src/engine/plan.ts";
import { isNewlyScaled, runSlice, type Slice } from "../../../src/engine/trainer.ts";
import { noteWork } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import { clearTraining, freeCheckpoint, hasCheckpoint, loadCheckpoint } from "./checkpoint.ts";
import { finishTraining } from "./finish-training.ts";
import { noRoom, reserveFor, roomIn } from "./job-memory.ts";
import { failJob, isJobOpen, type ObjectTools, reportProgress, save, type TrainingTools } from "./job-progress.ts";
import { awaitsFeatures, begin } from "./start-training.ts";

/** Does one alarm's share of the work. "more": call again in another alarm. */
export async function runTraining(store: HeadStore, tools: ObjectTools): Promise<"more" | "ended"> {
  const job = store.jobs.open();
  if (!job) return tidy(store, tools);
  if (await awaitsFeatures(store, job, tools)) return "more";
  const memory = await reserveFor(store, job, () => tools.isCurrent() && isJobOpen(store, job.id));
  if (!memory && tools.isCurrent() && isJobOpen(store, job.id)) return "more"; // the job keeps its place in the queue for memory
  try {
    const own = memory && toolsWith(memory, tools);
    const from = own && (await (hasCheckpoint(store) ? resume(store, job.id, own) : begin(store, job, own)));
    if (own && from && (await trainOn(store, job.id, from, own)) === "more") return "more";
  } catch (error) {
    if (tools.isCurrent()) failJob(store, job.id, error, tools);
  } finally {
    memory?.release();
  }
  return tidy(store, tools);
}

interface TrainOnTools extends TrainingTools {
  readonly memory: Reservation;
}

const toolsWith = (memory: Reservation, tools: ObjectTools): TrainOnTools => ({
  ...tools,
  memory,
  turn: async () => {
    await tools.pace.turn();
    memory.touch();
  },
});

const resume = (store: HeadStore, job: string, { turn, isCurrent }: TrainingTools): Promise<Checkpoint | null> =>
  loadCheckpoint(store, turn, () => isCurrent() && isJobOpen(store, job));

/** Deletes the data of the ended job, then its alarm, so that a crash leaves nothing behind. Stops where a new job is queued. */
async function tidy(store: HeadStore, { pace, isCurrent }: ObjectTools): Promise<"ended"> {
  const isIdle = (): boolean => isCurrent() && !store.jobs.open();
  if (isIdle()) await clearTraining(store, () => pace.turn(), isIdle);
  if (isIdle()) await store.versions.clearUnfinished(() => pace.turn(), isIdle);
  if (isIdle()) store.alarms.clear("train");
  return "ended";
}

/** The training loop of a job, a slice at a time. */
async function trainOn(
  store: HeadStore,
  job: string,
  from: Checkpoint,
  tools: TrainOnTools,
): Promise<"more" | "ended"> {
  const blocks = store.snapshot.blocks(from.plan.dims, from.plan.foldRows.length);
  const data = await TrainingData.open(blocks, isLarge(from.plan) ? noRoom : roomIn(tools.memory));
  try {
    // Keeps marks, not states: a state would keep its vectors in memory.
    let [state, saved, trials] = [from, markOf(from), from.trials.length];
    const begun = from.work;
    while (tools.isCurrent() && isJobOpen(store, job)) {
      const slice = await nextSlice(state, data, tools);
      state = slice.checkpoint;
      await tools.turn();
      if (slice.done) return await finish(store, job, state, data, tools);
      const pause = isToPause(state.work - begun);
      if (pause || isDue(saved, state)) saved = markOf(await save(store, job, state, tools));
      else if (state.trials.length > trials) reportProgress(store, job, state, tools);
      trials = state.trials.length;
      if (pause) {
        freeCheckpoint(state); // the next alarm reads it from storage
        return "more";
      }
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
  await finishTraining(store, job, state, { now: tools.now, turn: tools.turn, data });
  freeCheckpoint(state);
  tools.notify();
  return "ended";
}

/** Whether this alarm has done its share of work; one second's work is enough where a caller waits for the job's memory. */
const isToPause = (work: number): boolean =>
  work >= WORK.perAlarm || (work >= WORK.perSecond && isolateMemory.isWanted());

type Mark = Pick<Checkpoint, "scaler" | "work">;
const markOf = ({ scaler, work }: Checkpoint): Mark => ({ scaler, work });

/** Whether to write a checkpoint: the scaler is new, or enough work was done. A large head's checkpoint costs more, so it waits longer. */
const isDue = (saved: Mark, state: Checkpoint): boolean =>
  isNewlyScaled(saved, state) || state.work - saved.work >= (isLarge(state.plan) ? WORK.perAlarm : WORK.perCheckpoint);
