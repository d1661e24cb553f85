// Records which versions of a head were trained on features of an older backbone revision, as runs of version numbers. Versions
// outside all runs use the newest revision.
import type { OlderVersions } from "../contract/serving-rpc.ts";

/** The older revision that made the features of a version; null for the newest one. */
export function revisionOfVersion(runs: readonly OlderVersions[], version: number): string | null {
  for (const { first, last, revision } of runs) if (version >= first && version <= last) return revision;
  return null;
}

/** Adds a new version of an older revision: to the last run, if the revision is the same and the numbers are consecutive. */
export function withOlderVersion(runs: readonly OlderVersions[], version: number, revision: string): OlderVersions[] {
  const before = runs.at(-1);
  if (before?.revision === revision && before.last === version - 1)
    return [...runs.slice(0, -1), { ...before, last: version }];
  return [...runs, { first: version, last: version, revision }];
}

/** Records that a head stays at `revision`: later versions belong to it too. */
export const withPinned = (runs: readonly OlderVersions[], last: number, revision: string): OlderVersions[] => [
  ...withOlderVersions(runs, last, revision),
  { first: last + 1, last: Number.MAX_SAFE_INTEGER, revision },
];

/** Records that `revision` is no longer the newest: versions 1 to `last` outside all runs belong to it. */
export function withOlderVersions(runs: readonly OlderVersions[], last: number, revision: string): OlderVersions[] {
  let after: OlderVersions[] = [];
  for (let version = 1; version <= last; version++) {
    after = withOlderVersion(after, version, revisionOfVersion(runs, version) ?? revision);
  }
  return after;
}
