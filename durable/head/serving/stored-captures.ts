// Stores the captures that Workers report, and deletes those that are too old.
import type { CapturedInput } from "../../../src/contract/serving-rpc.ts";
import { DAY_MS } from "../../../src/core/clock.ts";
import { makeId } from "../../../src/core/ids.ts";
import { systemRandom } from "../../../src/core/random.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { HeadStore } from "../store.ts";

/** Characters of captures that are stored at once: some 5 ms. */
const BATCH_CHARS = 1 << 19;

export function batchesOf(captures: readonly CapturedInput[]): CapturedInput[][] {
  const batches: CapturedInput[][] = [];
  let chars = BATCH_CHARS;
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

export function putCaptures({ meta, captures }: HeadStore, some: readonly CapturedInput[]): void {
  const rule = meta.get("capture"); // null: captures were turned off after the Worker made these
  for (const captured of rule ? some : []) captures.put(captured, makeId("cap", systemRandom));
}

/** Deletes some of the captures that are older than the head's `keep_days`. Returns whether there were any. */
export function pruneCaptures({ meta, captures }: HeadStore, now: number): boolean {
  const rule = meta.get("capture");
  return rule !== null && captures.pruneSome(now - rule.keep_days * DAY_MS);
}

/** Deletes all captures that are too old. Call it before captures are shown. */
export async function pruneCapturesInTurns(store: HeadStore, now: number, turns: Turns): Promise<void> {
  while (pruneCaptures(store, now)) await turns.take();
}
