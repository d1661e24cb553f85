// Where the verification of a version begins: in a job, unless the answer is clear.
import type { VerificationStart } from "../../src/contract/rpc.ts";
import { turnLoop } from "../../src/core/turns.ts";
import { verdictOnVersion } from "../../src/lifecycle/verification.ts";
import { datasetNow } from "./dataset.ts";
import { removalsOf } from "./gather.ts";
import { assertNoJob, startJob } from "./jobs.ts";
import { revisionOf } from "./revision.ts";
import type { HeadStore } from "./store.ts";
import { recordOf } from "./versions.ts";

/** Queues a job that trains once more as a version was; or answers at once where the head has other examples by now. */
export async function startVerification(
  store: HeadStore,
  version: number,
  id: string,
  now: number,
): Promise<VerificationStart> {
  const { recipe, seed, digest, dataset, left_out: leftOut = [] } = recordOf(store, version);
  if (recipe.name === "import") return { verdict: verdictOnVersion({ version, digest }, "imported") };
  if (recipe.base !== undefined && store.versions.withDigest(recipe.base, version) === undefined)
    return { verdict: verdictOnVersion({ version, digest }, "base_deleted") };
  assertNoJob(store);
  const rareLabels = leftOut.length > 0 ? "leave_out" : "refuse";
  const removals = removalsOf(store);
  const tools = {
    turn: turnLoop,
    isUnchanged: () => removalsOf(store) === removals,
    revision: revisionOf(store, version),
  };
  const current = await datasetNow(store, rareLabels, tools);
  // Without a clear answer the job finds out: it looks at the examples again.
  if (current && current.digest !== dataset.digest)
    return { verdict: verdictOnVersion({ version, digest }, "dataset_changed") };
  const options = recipe.options ?? {};
  const request = { id, recipe: recipe.name, options, seed, promote: "never", rareLabels, verify: version } as const;
  await startJob(store, request, now);
  return { job: id };
}
