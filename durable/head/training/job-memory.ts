// Reserves the memory of a job, before it begins and in every alarm that resumes it.
import { LIMITS } from "../../../src/core/limits.ts";
import { isolateMemory, type Reservation, reserveWithin } from "../../../src/core/memory-budget.ts";
import { foldsOfRows } from "../../../src/engine/data/folds.ts";
import { roundsWithinMemory, trainingBytes } from "../../../src/engine/memory-need.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { type HeapReservation, reserveHeap } from "../../../src/tensor/heap.ts";
import type { HeadStore } from "../store.ts";
import { hasCheckpoint } from "./checkpoint.ts";

/** null: the memory did not become free within `LIMITS.trainingWaitMs`, or the job was cancelled while it waited. */
export async function reserveFor(store: HeadStore, job: Job, isWanted: () => boolean): Promise<Reservation | null> {
  const asked = { key: `job/${job.id}`, bytes: bytesOfJob(store, job), patient: true };
  const wait = (ms: number): Promise<void> => scheduler.wait(ms);
  const reservation = await reserveWithin(
    isolateMemory,
    asked,
    { now: Date.now, wait, isWanted },
    LIMITS.trainingWaitMs,
  );
  if (!isWanted()) {
    isolateMemory.leave(asked.key);
    reservation?.release();
    return null;
  }
  return reservation;
}

function bytesOfJob(store: HeadStore, { request }: Job): number {
  const { task, backbone } = store.config;
  const dataset = hasCheckpoint(store) ? store.meta.get("dataset") : null;
  const rows = dataset?.examples ?? store.examples.count();
  const labels = dataset?.labels.length ?? store.config.labels?.length ?? store.labels.all().length;
  const extent = { task, dims: backbone.dimension, labels, rows, hidden: request.options.hidden_units };
  return trainingBytes({ ...extent, rounds: dataset?.rounds ?? roundsWithinMemory(extent, foldsOfRows(rows)) });
}

/** Reserves memory for rows that stay between two passes, in the job's budget and on the heap. */
export const roomIn =
  (memory: Reservation) =>
  (bytes: number): HeapReservation | null => {
    if (!memory.grow(bytes)) return null;
    const heap = reserveHeap(bytes);
    if (!heap) memory.shrink(bytes);
    const release = (): void => {
      heap?.release();
      memory.shrink(bytes);
    };
    return heap && { release };
  };

/** Keeps no rows: a large head needs the heap for its weights. */
export const noRoom = (): null => null;
