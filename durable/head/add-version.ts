// Stores a new version. Call it in a transaction, and arm the alarms after it.
import type { RoundHeads } from "../../src/engine/heads/round-heads.ts";
import type { TrainedHead } from "../../src/engine/heads/trained-head.ts";
import type { VersionRecord } from "../tables/version-record.ts";
import { noteRetention } from "./retention.ts";
import { noteRevision } from "./revision.ts";
import type { HeadStore } from "./store.ts";
import { goLive } from "./traffic.ts";

export interface NewVersion {
  readonly record: VersionRecord;
  /** The weights that serve. */
  readonly final: TrainedHead;
  /** The weights that the metrics were measured on. */
  readonly rounds: RoundHeads;
  /** Whether it answers predictions from now on. */
  readonly goesLive: boolean;
  /** The older backbone revision that made its features; null or absent: the newest did. */
  readonly revision?: string | null | undefined;
}

/** Returns the number of the new version. */
export function addVersion(
  store: HeadStore,
  { record, final, rounds, goesLive, revision }: NewVersion,
  now: number,
): number {
  const version = store.versions.add(record, final, rounds, now);
  noteRevision(store, version, revision);
  noteRetention(store, now);
  if (goesLive) goLive(store, version);
  return version;
}
