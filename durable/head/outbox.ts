// Events of a head, written in the transaction of the change that they report, so that both exist or neither.
import type { EventType } from "../../src/contract/events.ts";
import { makeId } from "../../src/core/ids.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { HeadStore } from "./store.ts";

/**
 * Call it in the transaction of the change. `data`: ids of the changed things; the head's own is added.
 * PLATFORM: the alarm is of the same transaction, so a runtime that is killed right afterwards wakes up and reports.
 */
export function emitEvent(store: HeadStore, type: EventType, data: Record<string, unknown>, now: number): void {
  store.outbox.add({ id: makeId("msg", systemRandom), type, data: { head: store.config.id, ...data }, at: now });
  void store.alarms.set("outbox", now + LIMITS.relayGraceSeconds * 1_000);
  store.afterEmit();
}
