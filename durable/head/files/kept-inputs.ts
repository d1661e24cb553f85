// Whether a head keeps its inputs: texts and files beside the features (`keep_inputs`). Turning it off drops what is stored, some at
// a time; an alarm goes on after a kill.
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault } from "../../../src/core/problems.ts";
import { filesOf } from "../../tables/files.ts";
import { InputTexts } from "../../tables/input-texts.ts";
import { inboxOf } from "../inbox.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";

/** Time between two looks whether the features are up to date: each reads a row. */
const WAIT_MS = 60_000;

type MetaAndSql = Pick<HeadStore, "meta"> & { readonly storage: { readonly sql: SqlStorage } };

/** Changes it in a transaction. `keep` true stops the dropping where it is. Arm the alarms afterwards. */
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

/** Throws where a head that keeps no inputs would keep them for review or feedback. */
export function assertKeepsNone(keep: boolean, { capture, hours }: { capture: boolean; hours: number }): void {
  if (keep || (!capture && hours === 0)) return;
  const detail =
    "A head with keep_inputs false keeps no captures and no prediction log: set capture to null and log_hours to 0";
  throw new Fault("conflict", detail, { errors: [{ pointer: "/keep_inputs", detail }] });
}

export type Reembedding = { readonly can: true } | { readonly can: false; readonly why: string };

/**
 * Whether all features can be computed again from stored inputs: for a new revision of the backbone, another backbone, or training
 * below the head.
 */
export function canReembed(head: MetaAndSql): Reembedding {
  if (head.meta.get("inputs") === null || !head.storage.sql.exec(LACKING).toArray().length) return { can: true };
  const why = keepsInputs(head)
    ? "some examples came while keep_inputs was false, so their inputs are not stored; delete them, or upload them again"
    : "the head does not keep its inputs (keep_inputs is false)";
  return { can: false, why: `The features cannot be computed again: ${why}` };
}

/** Throws where `canReembed` says no. */
export function assertReembeds(head: MetaAndSql): void {
  const reembedding = canReembed(head);
  if (!reembedding.can) throw new Fault("conflict", reembedding.why);
}

/** An input of which nothing but the feature is stored. */
const LACKING = `SELECT 1 FROM inputs WHERE text IS NULL
  AND NOT EXISTS (SELECT 1 FROM files WHERE check_at IS NULL AND files.digest = inputs.digest) LIMIT 1`;

/**
 * Drops stored inputs, and payloads of deliveries, in one pass. Waits for features that are being computed again from the inputs.
 * Leaves out pending inputs, which `dropEmbedded` drops.
 */
export async function dropInputs(store: HeadStore, { now, turns }: UpkeepTools): Promise<void> {
  if (keepsInputs(store)) return store.alarms.clear("dropped_inputs");
  if (store.features.outdated(1).length > 0) return store.alarms.move("dropped_inputs", now + WAIT_MS);
  for (const _ of dropInTurns(store)) {
    await turns.take();
    if (keepsInputs(store)) return store.alarms.clear("dropped_inputs"); // turned on meanwhile
  }
  store.alarms.clear("dropped_inputs");
  await store.alarms.arm(); // of the files that are now unused
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
