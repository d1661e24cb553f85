// Deletes sources and their data: up to 200,000 deliveries, with payloads, groups and tombstones. Deletes some at a time, so
// that other requests run in between.
import { inboxOf, sourceOrFault } from "../inbox.ts";
import type { HeadStore } from "../store.ts";
import type { HeadTools } from "../tools.ts";

/** If the call is interrupted, the alarm continues the deletion. */
const RETRY_MS = 60_000;

/** Deletes a source at once, and then its data, some at a time. */
export async function deleteSource({ store, now, turns }: HeadTools, id: string): Promise<null> {
  sourceOrFault(inboxOf(store), id);
  store.storage.transactionSync(() => noteRemoved(store, id, now()));
  await store.alarms.arm();
  await turns.run(forgetRemovedSources(store));
  return null;
}

/** Notes a source as deleted. Call it in a transaction. */
export function noteRemoved(store: HeadStore, source: string, now: number): void {
  inboxOf(store).sources.remove(source);
  store.alarms.note("removed_sources", now + RETRY_MS);
}

/** Yields after each part. The alarm stays until nothing is left, so a kill loses nothing. */
export function* forgetRemovedSources(store: HeadStore): Generator<void> {
  const { sources, deliveries, groups, orders } = inboxOf(store);
  for (let source = sources.removed(); source !== null; source = sources.removed()) {
    for (const table of [deliveries, groups, orders]) yield* table.removeInTurns(source);
    sources.forget(source);
  }
  store.alarms.clear("removed_sources");
}
