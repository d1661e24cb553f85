// Decides whether a version is reproducible, from the result of a repeated training.
import type { Verification } from "../contract/versions.ts";

/** A version that was trained before. */
interface Original {
  readonly version: number;
  readonly digest: string;
}

/** Why a version cannot be trained again: changed examples, an import, or a deleted base version. */
type NotRetrained = "dataset_changed" | "imported" | "base_deleted";

/** `retrained`: the digest of the repeated training, or why it was not repeated. */
export function verdictOnVersion(
  { version, digest }: Original,
  retrained: { readonly digest: string } | NotRetrained,
): Verification {
  if (typeof retrained === "string") return { version, digest, same: null, reason: retrained };
  const known = { version, digest, retrained };
  return retrained.digest === digest ? { ...known, same: true } : { ...known, same: false, reason: "not_reproduced" };
}
