// Whether a version is reproducible: the verdict on what its training came to a second time.
import type { Verification } from "../contract/versions.ts";

/** A version that was trained before. */
interface Original {
  readonly version: number;
  readonly digest: string;
}

/** Why a version cannot be trained again: other examples, not trained here, or the version it was updated from is gone. */
type NotRetrained = "dataset_changed" | "imported" | "base_deleted";

/** `retrained`: the digest of the training repeated, or why it was not. */
export function verdictOnVersion(
  { version, digest }: Original,
  retrained: { readonly digest: string } | NotRetrained,
): Verification {
  if (typeof retrained === "string") return { version, digest, same: null, reason: retrained };
  const known = { version, digest, retrained };
  return retrained.digest === digest ? { ...known, same: true } : { ...known, same: false, reason: "not_reproduced" };
}
