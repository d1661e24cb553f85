// Turns an event into one delivery for each subscribed endpoint, in the caller's transaction.
import { type OutgoingEvent, TEST_EVENT } from "../../src/contract/events.ts";
import { timestamp } from "../../src/core/clock.ts";
import { makeId } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { NewDelivery } from "../tables/deliveries-out.ts";
import type { TenantStore } from "./store.ts";

export function fanOut(store: TenantStore, event: OutgoingEvent, now: number): void {
  const wanting = store.endpoints.enabled().filter(({ events }) => events.includes("*") || events.includes(event.type));
  for (const { id } of wanting) store.deliveries.add(deliveryOf(id, event), now);
  if (wanting.length > 0) wakeCourier(store, now);
}

/** Adds a delivery to one endpoint, whatever it subscribed to. Returns the id of the delivery. */
export function sendTest(store: TenantStore, endpoint: string, now: number): string {
  const event = { id: makeId("msg", systemRandom), type: TEST_EVENT, data: { endpoint }, at: now } as const;
  const delivery = deliveryOf(endpoint, event);
  store.deliveries.add(delivery, now);
  wakeCourier(store, now);
  return delivery.id;
}

/**
 * PLATFORM: the alarm belongs to the transaction of the rows, so a runtime that is killed right afterwards wakes up and sends
 * them.
 */
export function wakeCourier(store: TenantStore, now: number): void {
  void store.alarms.set("deliver", now);
  store.wakeCourier();
}

const deliveryOf = (endpoint: string, { id, type, data, at }: OutgoingEvent): NewDelivery => ({
  id: makeId("dlv", systemRandom),
  endpoint,
  event: id,
  type,
  body: JSON.stringify({ type, timestamp: timestamp(at), data }),
});
