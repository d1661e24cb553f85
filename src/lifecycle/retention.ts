// Which versions a head keeps. Pure decisions over version numbers and traffic.
import type { Traffic } from "./traffic.ts";

/** How a version is used. Only "rollback" allows deletion by hand; retention deletes none of them. */
export type VersionUse = "live" | "shadow" | "rollback";

/** How traffic uses a version; null when nothing refers to it. */
export function useOfVersion(traffic: Traffic | null, version: number): VersionUse | null {
  if (!traffic) return null;
  if (names(traffic.split, version)) return "live";
  if (traffic.shadow === version) return "shadow";
  return traffic.before.some((split) => names(split, version)) ? "rollback" : null;
}

const names = (split: Traffic["split"], version: number): boolean => split.some((share) => share.version === version);

/** Traffic whose rollback history no longer refers to a deleted version. */
export const withoutVersion = (traffic: Traffic, version: number): Traffic => ({
  ...traffic,
  before: traffic.before.filter((split) => !names(split, version)),
});

/** Versions that retention deletes: those older than the newest `keep`, except versions in use. */
export const expiredVersions = (newestFirst: readonly number[], keep: number, traffic: Traffic | null): number[] =>
  newestFirst.slice(keep).filter((version) => useOfVersion(traffic, version) === null);
