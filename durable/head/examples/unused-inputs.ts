// Forgets inputs that no example has any more. To forget one, its block of features is rewritten and its text is read. One
// delivery may delete a thousand examples in one transaction: that only notes their inputs, and an alarm forgets them soon after.
import { FORGOTTEN_AT_ONCE } from "../../tables/features.ts";
import type { HeadStore } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";

/** Enough for the changes of many deliveries to come together. */
const SOON_MS = 1_000;

/**
 * Forgets inputs that no example has: at once if they are few, else in an alarm. Call it in the transaction of the change, and
 * arm the alarms after it.
 */
export function forgetInputs(store: HeadStore, inputs: readonly number[], now: number): void {
  if (inputs.length <= FORGOTTEN_AT_ONCE) {
    countRemovals(store, store.features.forgetUnused(inputs));
    return;
  }
  store.features.noteUnused(inputs);
  store.alarms.note("unused_inputs", now + SOON_MS);
}

/** Forgets all noted inputs. The alarm stays until the last one is gone, so a kill loses nothing. */
export async function forgetNotedInputs(store: HeadStore, { turns }: UpkeepTools): Promise<void> {
  while (store.storage.transactionSync(() => forgetSome(store))) {
    await turns.take();
  }
  store.alarms.clear("unused_inputs");
}

/** Returns whether any were noted. */
function forgetSome(store: HeadStore): boolean {
  const forgotten = store.features.forgetNoted();
  countRemovals(store, forgotten ?? 0);
  return forgotten !== null;
}

function countRemovals({ meta }: HeadStore, removed: number): void {
  if (removed > 0) meta.set("removals", { count: (meta.get("removals")?.count ?? 0) + removed });
}
