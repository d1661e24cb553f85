// Owns which versions of a head were trained on features of an older revision of its backbone, as runs of version numbers.
// Versions in no run are of the newest revision.
import type { OlderVersions } from "../contract/serving-rpc.ts";

/** The older revision that made the features of a version; null: the newest did. */
export function revisionOfVersion(runs: readonly OlderVersions[], version: number): string | null {
  for (const { first, last, revision } of runs) if (version >= first && version <= last) return revision;
  return null;
}

/** A new version, of an older revision, joins the run before it where that is of the same one. */
export function withOlderVersion(runs: readonly OlderVersions[], version: number, revision: string): OlderVersions[] {
  const before = runs.at(-1);
  if (before?.revision === revision && before.last === version - 1)
    return [...runs.slice(0, -1), { ...before, last: version }];
  return [...runs, { first: version, last: version, revision }];
}

/** The revision that was the newest is one no more: versions 1 to `last` in no run are of it. */
export function withOlderVersions(runs: readonly OlderVersions[], last: number, revision: string): OlderVersions[] {
  let after: OlderVersions[] = [];
  for (let version = 1; version <= last; version++) {
    after = withOlderVersion(after, version, revisionOfVersion(runs, version) ?? revision);
  }
  return after;
}
