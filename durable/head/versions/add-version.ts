// Stores a new version: first its content, in turns of the event loop; then its row, in one transaction.
import type { Turns } from "../../../src/core/turns.ts";
import type { VersionRecord } from "../../tables/version-record.ts";
import type { VersionContent } from "../../tables/versions.ts";
import { noteRevision } from "../examples/revision.ts";
import type { HeadStore } from "../store.ts";
import { noteRetention } from "./retention.ts";
import { goLive } from "./traffic.ts";

/** `commit` runs in a transaction; it may call `insertVersion`. */
export const addVersion = <T>(
  store: HeadStore,
  content: VersionContent,
  turns: Turns,
  commit: (version: number) => T,
): Promise<T> => store.versions.add(content, turns, (version) => store.storage.transactionSync(() => commit(version)));

export interface NewVersion {
  readonly record: VersionRecord;
  /** Whether it answers predictions from now on. */
  readonly goesLive: boolean;
  /** The older backbone revision that made its features; null or absent: the newest did. */
  readonly revision?: string | null | undefined;
}

/** Arm the alarms after the transaction. */
export function insertVersion(
  store: HeadStore,
  version: number,
  { record, goesLive, revision }: NewVersion,
  now: number,
): void {
  store.versions.insert(version, record, now);
  noteRevision(store, version, revision);
  noteRetention(store, now);
  if (goesLive) goLive(store, version);
}
