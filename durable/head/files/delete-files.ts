// Deletes files from the bucket that no input uses: their last example or capture was deleted, or the runtime was killed before
// an input took them into use. The row of a file is deleted last, so that an interrupted deletion is repeated.
import { LIMITS } from "../../../src/core/limits.ts";
import { filesOf } from "../../tables/files.ts";
import { reportSoon } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";
import { keyOf } from "./file-keys.ts";

const RETRY_MS = 3_600_000;

/** Deletes the files that are due, and sets the alarm for the rest. Without a bucket the rows stay, in case it is bound again. */
export async function deleteUnusedFiles(store: HeadStore, tools: UpkeepTools): Promise<void> {
  const { now, bucket, turns } = tools;
  const files = filesOf(store);
  let isReduced = false;
  for (let calls = LIMITS.fileDeletionsPerAlarm; bucket && calls > 0; calls--) {
    const copies = files.claimUnused(now, LIMITS.filesDeletedAtOnce);
    if (copies.length === 0) break;
    await bucket.delete(copies.map((copy) => keyOf(store, copy)));
    turns.check();
    files.remove(copies);
    isReduced = true;
    await turns.take();
  }
  if (isReduced) await reportSoon(store, now); // the tenant has more storage left
  store.storage.transactionSync(() => {
    store.alarms.clear("files");
    const next = files.nextCheck();
    if (next !== null) store.alarms.note("files", bucket ? Math.max(now, next) : now + RETRY_MS);
  });
}
