// Sends rows to the head's object, with the features that it does not have yet.
import type { AppendResult, FeaturesMissing } from "../../contract/rpc.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { release } from "../../core/release.ts";
import type { BatchRow } from "./batch.ts";
import { newFeatures } from "./embed.ts";
import type { UploadTarget } from "./upload-target.ts";

/** Attempts to append rows. An attempt fails if inputs are deleted after the head has named those without a feature. */
const MAX_ATTEMPTS = 4;

/** Appends rows. Embeds missing features again, because examples may be deleted at any time. */
export async function append(
  rows: readonly BatchRow[],
  wanted: Set<string>,
  target: UploadTarget,
  withWarnings: boolean,
): Promise<{ result: AppendResult; computed: number }> {
  const { head, born, source, examplesQuota } = target;
  const examples = rows.map(({ example }) => example);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const features = await newFeatures(rows, wanted, target);
    const outcome: AppendResult | FeaturesMissing = unwrap(
      await head.append({ born, examples, features, source, examplesQuota, withWarnings }),
    );
    if (!("missing" in outcome)) {
      release(features.values); // a long upload fills the isolate before a collection frees them
      for (const digest of [...features.digests, ...(features.pending ?? [])]) wanted.delete(digest);
      return { result: outcome, computed: features.digests.length };
    }
    for (const digest of outcome.missing) wanted.add(digest);
  }
  const detail =
    "Examples of this upload are deleted as fast as they are added: stop the deletions and send the upload again";
  throw new Fault("conflict", detail);
}
