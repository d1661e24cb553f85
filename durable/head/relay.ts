// Reports a head's events to its tenant: right after they are committed, and by an alarm if that failed. An event leaves the
// head only once the tenant has it, under the id with which it was written. The tenant accepts each id once.
import type { TenantRpc } from "../../src/contract/tenant-rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { logEvent } from "../../src/core/log.ts";
import { unwrap } from "../../src/core/problems.ts";
import type { HeadStore } from "./store.ts";

export interface RelayTools {
  readonly now: Clock;
  readonly tenant: (id: string) => Pick<TenantRpc, "acceptEvents">;
  /** False once the head was deleted, which can happen during a wait. */
  readonly isCurrent: () => boolean;
}

/** One per instance: calls while events are being reported wait for the same round. */
export class Relay {
  #round: Promise<void> | null = null;
  #failures = 0;

  /** Resolves once all events are reported, or the alarm is set for another attempt. */
  run(store: HeadStore, tools: RelayTools): Promise<void> {
    this.#round ??= this.#tell(store, tools).finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  async #tell(store: HeadStore, tools: RelayTools): Promise<void> {
    await null; // the caller is in a transaction, which may still be rolled back
    try {
      if (await tellAll(store, tools)) this.#failures = 0;
      else await this.#postpone(store, tools);
    } catch (error) {
      logEvent("error", "relay_failed", { head: store.config.id, error: String(error) });
      await this.#postpone(store, tools);
    }
  }

  async #postpone({ alarms }: HeadStore, { now, isCurrent }: RelayTools): Promise<void> {
    if (!isCurrent()) return;
    await alarms.move("outbox", now() + waitMs(this.#failures++));
  }
}

/** false: the head does not know its tenant, because it was created before heads stored their tenant and no call came since. */
async function tellAll(store: HeadStore, { tenant, isCurrent }: RelayTools): Promise<boolean> {
  while (isCurrent()) {
    const events = store.outbox.first(LIMITS.eventsPerRelay);
    const owner = store.meta.get("owner");
    if (events.length === 0) store.alarms.clear("outbox");
    if (events.length === 0 || !owner) return events.length === 0;
    const answer = await tenant(owner.tenant).acceptEvents(owner.space, events);
    if (!isCurrent()) break;
    if (answer.ok || answer.fault.code !== "not_found") unwrap(answer); // a deleted tenant receives no events
    store.outbox.remove(events);
  }
  return true;
}

/** 1 s, 2 s, 4 s … up to the limit. */
const waitMs = (failures: number): number => 1_000 * Math.min(2 ** failures, LIMITS.relayWaitSeconds);
