// Settles a delivery: stores it in one transaction, and answers after the commit. After a crash and a redelivery, the effect
// therefore happens once.
import { type DeliveryAnswer, isFailure } from "../../../src/contract/deliveries.ts";
import type { FeaturesMissing } from "../../../src/contract/example-rpc.ts";
import type { SourceSettings } from "../../../src/webhooks/source.ts";
import { inboxOf } from "../inbox.ts";
import { reportSoon } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import { type Arrival, type Effect, nameKept } from "./arrival.ts";
import { answerOf, deliveryFault } from "./delivery-answer.ts";
import { ALREADY, storeDelivery } from "./store-delivery.ts";

/**
 * Runs `effect` and stores its outcome, both or neither. Does nothing if the delivery took effect before, or if features are
 * missing. Answers after the commit. Throws a fault for a delivery that failed.
 */
export async function settleDelivery(
  store: HeadStore,
  arrival: Arrival,
  effect: (settings: SourceSettings) => Effect | FeaturesMissing,
): Promise<DeliveryAnswer | FeaturesMissing> {
  const { source, now } = arrival;
  const id = nameKept(inboxOf(store), arrival);
  const done = store.storage.transactionSync(() => storeDelivery(store, { ...arrival, id }, effect));
  if ("missing" in done) return done;
  if (done !== ALREADY && isFailure(done.outcome)) throw deliveryFault(id, done.outcome, done.reason);
  if (done.changed > 0) await reportSoon(store, now);
  await store.alarms.arm();
  return answerOf(inboxOf(store), source, id, done === ALREADY);
}

/** Settles a delivery whose effect needs no features. */
export async function settleNow(store: HeadStore, arrival: Arrival, effect: () => Effect): Promise<DeliveryAnswer> {
  const answer = await settleDelivery(store, arrival, effect);
  if ("missing" in answer) throw new Error("A delivery without inputs asked for features");
  return answer;
}
