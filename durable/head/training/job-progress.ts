// Stores and reports the progress of a job: its checkpoint, its record and its events, in one transaction.
import { isTerminal } from "../../../src/contract/jobs.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { progressOf } from "../../../src/engine/progress.ts";
import { advance } from "../../../src/lifecycle/job.ts";
import type { Pace } from "../../kit/pace.ts";
import { noteWork } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import { adoptCheckpoint, stageCheckpoint } from "./checkpoint.ts";

/** The tools that a head's object provides to its trainings. */
export interface ObjectTools {
  readonly now: Clock;
  readonly pace: Pace;
  /** Files of inputs; null: the deployment has no bucket. */
  readonly bucket: R2Bucket | null;
  /** These turns let predictions and cancellations run, and end the work when the head is deleted. */
  readonly turns: Turns;
  /** Wakes requests that watch the job. */
  readonly notify: () => void;
}

/** The tools of one job: their turns also end the work when the job ends. */
export type TrainingTools = ObjectTools;

/** Stages the checkpoint; then, in one transaction, makes it current and reports the progress. */
export async function save(
  store: HeadStore,
  id: string,
  state: Checkpoint,
  tools: TrainingTools,
  also: () => void = () => undefined,
): Promise<Checkpoint> {
  const slot = await stageCheckpoint(store, state, tools.turns);
  tools.turns.check();
  store.storage.transactionSync(() => {
    also();
    adoptCheckpoint(store, slot);
    noteWork(store, id, state.work);
    reportProgress(store, id, state, tools);
  });
  return state;
}

/** Reports the progress, and the last regularisation strength (`l2`) that was tried. */
export function reportProgress(store: HeadStore, id: string, state: Checkpoint, { now, notify }: ObjectTools): void {
  const job = store.jobs.get(id);
  if (!job || isTerminal(job.status)) return;
  const running = advance(job, state.phase, progressOf(state), now());
  store.jobs.put(running);
  const trial = state.trials.at(-1);
  const path = trial ? { l2: trial.l2, log_loss: trial.log_loss } : {};
  store.events.add(id, "progress", { phase: running.phase, progress: running.progress, ...path }, now());
  notify();
}

export function isJobOpen(store: HeadStore, id: string): boolean {
  const job = store.jobs.get(id);
  return job !== null && !isTerminal(job.status);
}
