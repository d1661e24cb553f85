// Starts the verification of a version: a job, or a verdict at once if that needs no training.
import type { VerificationStart } from "../../../src/contract/rpc.ts";
import { verdictOnVersion } from "../../../src/lifecycle/verification.ts";
import { revisionOf } from "../examples/revision.ts";
import { assertReembeds } from "../files/kept-inputs.ts";
import type { HeadTools } from "../tools.ts";
import { describeDataset } from "../training/dataset.ts";
import { ifReadable, readLayout } from "../training/read-layout.ts";
import { recordOf } from "../versions/versions.ts";
import { assertNoJob, startJob } from "./start-job.ts";

/** Queues a job that repeats the training of a version; or returns a verdict at once if the examples have changed. */
export async function startVerification(
  { store, now, bucket, turns }: HeadTools,
  version: number,
  id: string,
): Promise<VerificationStart> {
  const { recipe, seed, digest, dataset, left_out: leftOut = [] } = recordOf(store, version);
  if (recipe.name === "import") return { verdict: verdictOnVersion({ version, digest }, "imported") };
  if (recipe.base !== undefined && store.versions.withDigest(recipe.base, version) === undefined)
    return { verdict: verdictOnVersion({ version, digest }, "base_deleted") };
  assertNoJob(store);
  const rareLabels = leftOut.length > 0 ? "leave_out" : "refuse";
  const revision = revisionOf(store, version);
  if (revision !== null) assertReembeds(store);
  const current = await ifReadable(store, turns, async (reading) => {
    const layout = await readLayout(store, rareLabels, { bucket, turns: reading, revision });
    return describeDataset(store.config, layout, reading);
  });
  // null: examples were removed while they were read, or inputs are pending. The job reads the examples later and decides.
  if (current && current.digest !== dataset.digest)
    return { verdict: verdictOnVersion({ version, digest }, "dataset_changed") };
  const options = recipe.options ?? {};
  const request = { id, recipe: recipe.name, options, seed, promote: "never", rareLabels, verify: version } as const;
  await startJob(store, request, now());
  return { job: id };
}
