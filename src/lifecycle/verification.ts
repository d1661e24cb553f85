// Whether a version is reproducible: the verdict on what its training came to a second time.
import type { Verification } from "../contract/versions.ts";

/** A version that was trained before. */
interface Original {
  readonly version: number;
  readonly digest: string;
}

/** `retrained`: the digest of the training repeated; null where there are other examples by now, so that none was. */
export function verdictOnVersion({ version, digest }: Original, retrained: string | null): Verification {
  if (retrained === null) return { version, digest, same: false, reason: "dataset_changed" };
  const known = { version, digest, retrained: { digest: retrained } };
  return retrained === digest ? { ...known, same: true } : { ...known, same: false, reason: "not_reproduced" };
}
