// The training loop of a job: slices of work with a turn of the event loop between them, checkpoints, and the end.
import { isolateMemory, type Reservation } from "../../../src/core/memory-budget.ts";
import { WORK } from "../../../src/core/work.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import { isLarge } from "../../../src/engine/plan.ts";
import { isNewlyScaled, runSlice, type Slice } from "../../../src/engine/trainer.ts";
import { noteWork } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import { freeCheckpoint } from "./checkpoint.ts";
import { finishTraining } from "./finish-training.ts";
import { noRoom, roomIn } from "./job-memory.ts";
import { reportProgress, save, type TrainingTools } from "./job-progress.ts";

export interface TrainOnTools extends TrainingTools {
  readonly memory: Reservation;
}

export async function trainOn(
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
    for (;;) {
      const slice = await nextSlice(state, data, tools);
      state = slice.checkpoint;
      await tools.turns.take();
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
  await finishTraining(store, job, state, { now: tools.now, turns: tools.turns, data });
  freeCheckpoint(state);
  tools.notify();
  return "ended";
}

/** Whether this alarm has done its share of work: less if a caller waits for the job's memory. */
const isToPause = (work: number): boolean =>
  work >= WORK.perAlarm || (work >= WORK.perSecond && isolateMemory.isWanted());

type Mark = Pick<Checkpoint, "scaler" | "work">;
const markOf = ({ scaler, work }: Checkpoint): Mark => ({ scaler, work });

/**
 * Whether to write a checkpoint: the scaler is new, or enough work was done. Large heads write fewer, because each costs more.
 */
const isDue = (saved: Mark, state: Checkpoint): boolean =>
  isNewlyScaled(saved, state) || state.work - saved.work >= (isLarge(state.plan) ? WORK.perAlarm : WORK.perCheckpoint);
