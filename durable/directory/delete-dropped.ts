// Deletes the files of deleted heads and tenants. The directory does this, because their own objects no longer exist.
import type { Clock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { logEvent } from "../../src/core/log.ts";
import type { DroppedFileTable } from "../tables/dropped-files.ts";

/** Deletes the files of due prefixes, up to the limit of one alarm. Never throws: a prefix that failed is due again later. */
export async function deleteDropped(
  table: DroppedFileTable,
  bucket: Pick<R2Bucket, "list" | "delete">,
  now: Clock,
): Promise<void> {
  for (let calls = LIMITS.fileDeletionsPerAlarm; calls > 0; calls--) {
    const prefix = table.claim(now());
    if (prefix === null) return;
    try {
      const { objects, truncated } = await bucket.list({ prefix, limit: LIMITS.filesDeletedAtOnce });
      if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
      table.settle(prefix, !truncated, now());
    } catch (error) {
      logEvent("error", "delete_files_failed", { prefix, error: String(error) });
    }
  }
}
