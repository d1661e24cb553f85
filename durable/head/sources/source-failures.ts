// Counts how many deliveries of a source failed in a row, and raises the event that it is failing.
import { isFailure } from "../../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { startsToFail } from "../../../src/webhooks/inbound.ts";
import { inboxOf } from "../inbox.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import type { Arrival, Effect } from "./arrival.ts";

/** Call it in a transaction. An ignored delivery does not change the count of failures. */
export function countFailure(store: HeadStore, { source, now }: Arrival, { outcome, reason }: Effect): void {
  if (isFailure(outcome) && reason) noteFailure(store, source, reason, now);
  else if (outcome !== "ignored") inboxOf(store).sources.succeed(source);
}

/** Counts a failure of a source; call it in a transaction. */
function noteFailure(store: HeadStore, source: string, reason: DeliveryReason, now: number): void {
  const { sources } = inboxOf(store);
  sources.fail(source, { ...reason, at: now });
  if (startsToFail(sources.get(source)?.failures ?? 0, LIMITS.failuresBeforeEvent))
    emitEvent(store, "source.failing", { head: store.config.id, source }, now);
}
