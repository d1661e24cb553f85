// The durable side of a training: one checkpoint, and what goes when its job ends. A checkpoint is megabytes: it is written
// beside the last one, a chunk between two turns of the event loop, and becomes the one that counts in a single row.
import { RecordReader } from "../../src/core/record.ts";
import { type Checkpoint, checkpointPieces } from "../../src/engine/checkpoint.ts";
import type { Job } from "../../src/lifecycle/job.ts";
import { BYTES_A_TURN } from "../kit/chunks.ts";
import { endReading, type ReadingOutcome } from "./backlog.ts";
import type { HeadStore } from "./store.ts";

const SLOTS = ["a", "b"] as const;
export type Slot = (typeof SLOTS)[number];
const ownerOf = (slot: Slot): string => `checkpoint/${slot}`;

export const hasCheckpoint = ({ meta }: HeadStore): boolean => meta.get("checkpoint") !== null;

/** null: its job ended while it was read. */
export async function loadCheckpoint(
  store: HeadStore,
  turn: () => Promise<void>,
  isLive: () => boolean,
): Promise<Checkpoint | null> {
  const slot = store.meta.get("checkpoint")?.slot;
  if (!slot) return null;
  const reader = new RecordReader<Checkpoint>();
  const isThere = await store.chunks.takeInTurns(ownerOf(slot), (part) => reader.add(part), turn);
  return isThere && isLive() ? reader.record() : null;
}

/** Writes `state` where the checkpoint that counts is not. */
export async function stageCheckpoint(store: HeadStore, state: Checkpoint, turn: () => Promise<void>): Promise<Slot> {
  const slot = store.meta.get("checkpoint")?.slot === "a" ? "b" : "a";
  await store.chunks.putInTurns(ownerOf(slot), checkpointPieces(state, BYTES_A_TURN), turn);
  return slot;
}

/** Makes a staged checkpoint the one that counts: in the transaction of what it goes with. */
export const adoptCheckpoint = ({ meta }: HeadStore, slot: Slot): void => meta.set("checkpoint", { slot });

/**
 * No checkpoint counts any more, and the policy decides anew. Call it in the transaction that has ended the job; its alarm
 * stays, for `clearTraining`.
 */
export function endTraining(store: HeadStore, job: Job, outcome: ReadingOutcome, now: number): void {
  store.meta.remove("checkpoint");
  endReading(store, job, outcome, now);
}

/** Drops what only an open job needs, a few megabytes at a time, while no job is. */
export async function clearTraining(store: HeadStore, turn: () => Promise<void>, isIdle: () => boolean): Promise<void> {
  for (const _ of leftovers(store)) {
    await turn();
    if (!isIdle()) return;
  }
}

function* leftovers({ chunks, snapshot }: HeadStore): Generator<void> {
  yield; // what ended the job took its time already
  yield* snapshot.clear();
  for (const slot of SLOTS) yield* chunks.removeInTurns(ownerOf(slot));
}
