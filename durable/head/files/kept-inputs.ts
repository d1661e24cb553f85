// Decides and stores whether a head keeps its inputs: texts and files in addition to features (`keep_inputs`). Turning it off
// drops the stored ones, some at a time, in an alarm that continues after a kill.
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault } from "../../../src/core/problems.ts";
import { filesOf } from "../../tables/files.ts";
import { InputTexts } from "../../tables/input-texts.ts";
import { inboxOf } from "../inbox.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";

/** Time between two checks whether the features are up to date. Each check reads one row. */
const WAIT_MS = 60_000;

type MetaAndSql = Pick<HeadStore, "meta"> & { readonly storage: { readonly sql: SqlStorage } };

/** Changes `keep_inputs`; call it in a transaction, and arm the alarms after it. `keep` true stops the dropping of inputs. */
export function setKeepInputs(store: HeadStore, keep: boolean, now: number): void {
  if (keep === keepsInputs(store)) return;
  store.meta.set("inputs", { keep });
  if (!keep) store.alarms.note("dropped_inputs", now);
}

/** Drops inputs that were stored only until their features came. Call it in the transaction that stores the features. */
export function dropEmbedded(store: HeadStore, digests: readonly string[]): void {
  if (keepsInputs(store)) return;
  new InputTexts(store.storage.sql).dropOf(digests);
  filesOf(store).giveUp(digests);
}

/** Throws if a head that keeps no inputs would keep them for review or feedback. */
export function assertKeepsNone(keep: boolean, { capture, hours }: { capture: boolean; hours: number }): void {
  if (keep || (!capture && hours === 0)) return;
  const detail =
    "A head with keep_inputs false keeps no captures and no prediction log: set capture to null and log_hours to 0";
  throw new Fault("conflict", detail, { errors: [{ pointer: "/keep_inputs", detail }] });
}

export type Reembedding = { readonly can: true } | { readonly can: false; readonly why: string };

/**
 * Whether all features can be computed again from stored inputs: for a new revision of the backbone, for another backbone, or to
 * train layers below the head.
 */
export function canReembed(head: MetaAndSql): Reembedding {
  if (head.meta.get("inputs") === null || !head.storage.sql.exec(LACKING).toArray().length) return { can: true };
  const why = keepsInputs(head)
    ? "some examples came while keep_inputs was false, so their inputs are not stored; delete them, or upload them again"
    : "the head does not keep its inputs (keep_inputs is false)";
  return { can: false, why: `The features cannot be computed again: ${why}` };
}

/** Throws if the features cannot be computed again. */
export function assertReembeds(head: MetaAndSql): void {
  const reembedding = canReembed(head);
  if (!reembedding.can) throw new Fault("conflict", reembedding.why);
}

/** Selects an input of which only the feature is stored. */
const LACKING = `SELECT 1 FROM inputs WHERE text IS NULL
  AND NOT EXISTS (SELECT 1 FROM files WHERE check_at IS NULL AND files.digest = inputs.digest) LIMIT 1`;

/**
 * Drops stored inputs, and payloads of deliveries, in one pass. Waits for features that are being computed again from the inputs.
 * Leaves out pending inputs, which `dropEmbedded` drops.
 */
export async function dropInputs(store: HeadStore, { now, turns }: UpkeepTools): Promise<void> {
  if (keepsInputs(store)) return store.alarms.clear("dropped_inputs");
  if (store.features.outdated.first(1).length > 0) return store.alarms.move("dropped_inputs", now + WAIT_MS);
  for (const _ of dropInTurns(store)) {
    await turns.take();
    if (keepsInputs(store)) return store.alarms.clear("dropped_inputs"); // `keep_inputs` was turned on in the meantime
  }
  store.alarms.clear("dropped_inputs");
  await store.alarms.arm(); // for the files that are now unused
}

function* dropInTurns(store: HeadStore): Generator<void> {
  const { storage } = store;
  const texts = new InputTexts(storage.sql);
  for (let first = 1; first <= texts.last(); first += LIMITS.inputsDroppedAtOnce, yield) {
    const last = first + LIMITS.inputsDroppedAtOnce - 1;
    storage.transactionSync(() => {
      texts.drop(first, last);
      filesOf(store).giveUpOf(first, last);
    });
  }
  yield* inboxOf(store).deliveries.redactInTurns(null);
}
