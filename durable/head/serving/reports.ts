// Stores the reports of Workers about their predictions: counts, captures for review, and drift of the features.
import type { ServingReport } from "../../../src/contract/serving-rpc.ts";
import { driftDetected } from "../jobs/policy.ts";
import type { HeadTools } from "../tools.ts";
import { noteDrift } from "./drift.ts";
import { storeCaptures } from "./stored-captures.ts";

export async function takeReport(
  { store, turns }: Pick<HeadTools, "store" | "turns">,
  { tallies, captures }: ServingReport,
  now: number,
): Promise<null> {
  const hasDrifted = store.storage.transactionSync(() => {
    for (const tally of tallies) {
      if (store.versions.has(tally.version)) store.stats.add(tally, now); // a version may be deleted before the last report of it
    }
    return noteDrift(store, now);
  });
  if (hasDrifted) await driftDetected(store, now); // writes before its first await, so it commits with the transaction above
  await storeCaptures(store, captures, now, turns);
  return null;
}
