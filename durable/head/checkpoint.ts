// The durable side of a training: one checkpoint, and what goes when its job ends.
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import type { HeadStore } from "./store.ts";

const OWNER = "checkpoint";

export function loadCheckpoint(store: HeadStore): Checkpoint | null {
  const bytes = store.chunks.get(OWNER);
  return bytes && decodeCheckpoint(bytes);
}

export const saveCheckpoint = (store: HeadStore, state: Checkpoint): void =>
  store.chunks.put(OWNER, encodeCheckpoint(state));

/** Drops what only an open job needs. Call it in the transaction that ends the job. */
export function clearTraining(store: HeadStore): void {
  store.chunks.remove(OWNER);
  store.snapshot.clear();
  store.alarms.clear("train");
}
