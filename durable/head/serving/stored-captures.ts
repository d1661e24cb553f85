// Stores the captures that Workers report, and deletes those that are too old.
import type { CapturedInput } from "../../../src/contract/serving-rpc.ts";
import { DAY_MS } from "../../../src/core/clock.ts";
import { makeId } from "../../../src/core/ids.ts";
import { systemRandom } from "../../../src/core/random.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { hasRoom } from "../../../src/lifecycle/allowance.ts";
import { reportSoon, totalsOf } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";

/** Characters of captures that are stored at once, in about 5 ms. */
const BATCH_CHARS = 1 << 19;

/**
 * Stores captures, some at a time, and deletes those beyond the limits. If the runtime is killed in between, the rest is lost.
 */
export async function storeCaptures(
  store: HeadStore,
  captures: readonly CapturedInput[],
  now: number,
  turns: Turns,
): Promise<void> {
  for (const [i, batch] of batchesOf(captures).entries()) {
    if (i > 0) await turns.take();
    store.storage.transactionSync(() => {
      putCaptures(store, batch);
      pruneCaptures(store, now);
    });
  }
  if (captures.length > 0) await reportSoon(store, now);
}

/** Divides captures into batches; at least one, which may be empty. */
function batchesOf(captures: readonly CapturedInput[]): CapturedInput[][] {
  const batches: CapturedInput[][] = [[]];
  let chars = 0;
  for (const captured of captures) {
    if (chars >= BATCH_CHARS) {
      batches.push([]);
      chars = 0;
    }
    batches.at(-1)?.push(captured);
    chars += captured.record.length;
  }
  return batches;
}

/** Stores captures. Stores none if the tenant has no storage left, or if captures were turned off after the Worker made them. */
function putCaptures(store: HeadStore, some: readonly CapturedInput[]): void {
  const { meta, captures } = store;
  if (!meta.get("capture") || !hasRoom(meta.get("allowed"), totalsOf(store))) return;
  for (const captured of some) captures.put(captured, makeId("cap", systemRandom));
}

/** Deletes some of the captures that are older than the head's `keep_days`. Returns whether there were any. */
function pruneCaptures({ meta, captures }: HeadStore, now: number): boolean {
  const rule = meta.get("capture");
  return rule !== null && captures.pruneSome(now - rule.keep_days * DAY_MS);
}

/** Deletes all captures that are too old. Call it before captures are shown. */
export async function pruneCapturesInTurns(store: HeadStore, now: number, turns: Turns): Promise<void> {
  while (pruneCaptures(store, now)) await turns.take();
}
