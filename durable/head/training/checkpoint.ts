// Stores and clears the checkpoint of a training. A checkpoint takes megabytes, so it is written to a second slot, one chunk
// per turn of the event loop. Updating one row then makes it the current checkpoint.
import { RecordReader } from "../../../src/core/record.ts";
import { releaseAll } from "../../../src/core/release.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { type Checkpoint, checkpointPieces } from "../../../src/engine/checkpoint.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { BYTES_A_TURN } from "../../kit/chunks.ts";
import { endReading, type ReadingOutcome } from "../backlog.ts";
import type { HeadStore } from "../store.ts";
import { noteRetention } from "../versions/retention.ts";

const SLOTS = ["a", "b"] as const;
export type Slot = (typeof SLOTS)[number];
const ownerOf = (slot: Slot): string => `checkpoint/${slot}`;

export const hasCheckpoint = ({ meta }: HeadStore): boolean => meta.get("checkpoint") !== null;

export async function loadCheckpoint(store: HeadStore, turns: Turns): Promise<Checkpoint | null> {
  const slot = store.meta.get("checkpoint")?.slot;
  if (!slot) return null;
  const reader = new RecordReader<Checkpoint>();
  const isThere = await store.chunks.takeInTurns(ownerOf(slot), (part) => reader.add(part), turns);
  return isThere ? reader.record() : null;
}

/** Writes `state` to the slot that is not current. */
export async function stageCheckpoint(store: HeadStore, state: Checkpoint, turns: Turns): Promise<Slot> {
  const slot = store.meta.get("checkpoint")?.slot === "a" ? "b" : "a";
  await store.chunks.putInTurns(ownerOf(slot), checkpointPieces(state, BYTES_A_TURN), turns);
  return slot;
}

/** Frees the memory of a stored state that is not read again. Otherwise the next alarm would hold two states in memory. */
export const freeCheckpoint = (state: Checkpoint): void => releaseAll(state);

/** Frees the weights of a state, but not what else it knows. */
export const freeWeights = ({ parameters, selected }: Checkpoint): void =>
  releaseAll([parameters, selected?.parameters]);

/** Makes a staged checkpoint the current one. Call it in the transaction that reports the progress. */
export const adoptCheckpoint = ({ meta }: HeadStore, slot: Slot): void => meta.set("checkpoint", { slot });

/**
 * Drops the current checkpoint, lets the policy decide again, and deletes expired versions that a verification needed. Call it in
 * the transaction that ends the job; arm the alarms after it. The "train" alarm stays: it runs `clearTraining`.
 */
export function endTraining(store: HeadStore, job: Job, outcome: ReadingOutcome, now: number): void {
  store.meta.remove("checkpoint");
  if (job.request.verify !== undefined) noteRetention(store, now);
  endReading(store, job, outcome, now);
}

/** Deletes the data that only an open job needs, a few megabytes per turn. */
export const clearTraining = (store: HeadStore, turns: Turns): Promise<void> => turns.run(leftovers(store));

function* leftovers({ chunks, snapshot }: HeadStore): Generator<void> {
  yield; // ending the job has already used this turn
  yield* snapshot.clear();
  for (const slot of SLOTS) yield* chunks.removeInTurns(ownerOf(slot));
}
