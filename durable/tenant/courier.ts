// Sends what is due, a few at a time. An attempt is marked before it begins and its result after: a runtime that dies in
// between makes it again, under the same webhook-id.
import { makeId } from "../../src/core/ids.ts";
import { DELIVERY } from "../../src/core/limits.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { WebhookSettings } from "../../src/env.ts";
import { refusalOfAddress } from "../../src/webhooks/address.ts";
import { type AttemptResult, type AttemptTools, attemptDelivery, noAnswer } from "../../src/webhooks/attempt.ts";
import { type Lane, nextLane } from "../../src/webhooks/lanes.ts";
import { retryAfterMs } from "../../src/webhooks/retry.ts";
import { webhookHeaders } from "../../src/webhooks/sign.ts";
import { verdictOnAttempt } from "../../src/webhooks/verdict.ts";
import type { Delivery } from "../tables/deliveries-out.ts";
import type { Endpoint } from "../tables/endpoints.ts";
import { fanOut } from "./fan-out.ts";
import type { TenantStore } from "./store.ts";

export interface CourierTools extends AttemptTools {
  readonly settings: WebhookSettings;
  /** In [0, 1). */
  readonly random: () => number;
  /** Whether this is still the tenant: its tables may be gone after a wait. */
  readonly isCurrent: () => boolean;
}

interface Flight {
  readonly endpoint: string;
  readonly troubled: boolean;
  readonly done: Promise<void>;
}

/** One per instance: it knows what is in flight. */
export class Courier {
  readonly #flights = new Map<string, Flight>();
  #called = Promise.withResolvers<void>();

  /** Something new is due. */
  wake(): void {
    this.#called.resolve();
  }

  /**
   * Until nothing is due or in flight; or the alarm has done its share, with some still in flight that the next one waits
   * for. An endpoint that takes its time holds up this call, but no other endpoint.
   */
  async drain(store: TenantStore, tools: CourierTools): Promise<void> {
    const until = tools.now() + DELIVERY.minutesPerAlarm * 60_000;
    for (let left: number = DELIVERY.perAlarm; left > 0 && tools.now() < until && tools.isCurrent(); ) {
      this.#called = Promise.withResolvers();
      left -= this.#begin(store, tools);
      if (this.#flights.size === 0) return;
      await Promise.race([this.#called.promise, ...[...this.#flights.values()].map(({ done }) => done)]);
    }
  }

  /** Begins what may begin now; returns how many attempts that were. */
  #begin(store: TenantStore, tools: CourierTools): number {
    for (let begun = 0; ; begun++) {
      const flights = [...this.#flights.values()];
      const inFlight = { all: flights.length, troubled: flights.filter(({ troubled }) => troubled).length };
      const lane = nextLane(this.#lanes(store, tools.now()), inFlight);
      const delivery = lane && store.deliveries.claim(lane.endpoint, tools.now());
      if (!lane || !delivery) return begun;
      const done = send(store, delivery, tools).finally(() => this.#flights.delete(delivery.id));
      this.#flights.set(delivery.id, { endpoint: lane.endpoint, troubled: lane.troubled, done });
    }
  }

  #lanes(store: TenantStore, now: number): Lane[] {
    const flights = [...this.#flights.values()];
    return store.endpoints.enabled().flatMap(({ id, failingSince, lastMs }) => {
      const dueAt = store.deliveries.dueAt(id);
      if (dueAt === null || dueAt > now) return [];
      const inFlight = flights.filter(({ endpoint }) => endpoint === id).length;
      return [{ endpoint: id, dueAt, inFlight, troubled: failingSince !== null || lastMs >= DELIVERY.slowMs }];
    });
  }
}

/** When the courier is needed next. */
export function nextDueAt({ endpoints, deliveries }: TenantStore): number | null {
  const times = endpoints.enabled().flatMap(({ id }) => deliveries.dueAt(id) ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

async function send(store: TenantStore, delivery: Delivery, tools: CourierTools): Promise<void> {
  const endpoint = store.endpoints.get(delivery.endpoint);
  if (!endpoint) return;
  const result = await attempt(store, endpoint, delivery, tools).catch((error: unknown) => noAnswer(String(error)));
  if (tools.isCurrent()) store.storage.transactionSync(() => record(store, delivery, result, tools));
}

async function attempt(
  store: TenantStore,
  { id, url }: Endpoint,
  { event, body }: Delivery,
  tools: CourierTools,
): Promise<AttemptResult> {
  const refusal = refusalOfAddress(url, tools.settings);
  if (refusal !== null) return noAnswer(`Not sent: the URL ${refusal}`);
  const secrets = store.endpoints.secrets(id, tools.now());
  const headers = await webhookHeaders({ id: event, body, secrets }, tools.now());
  return attemptDelivery(url, headers, body, tools);
}

/** In one transaction: the result, what it says of the endpoint, and the event of its end. */
function record(
  store: TenantStore,
  { id, attempts, ...delivery }: Delivery,
  result: AttemptResult,
  tools: CourierTools,
) {
  const endpoint = store.endpoints.get(delivery.endpoint);
  if (!endpoint) return;
  const [now, { code, durationMs }] = [tools.now(), result];
  const verdict = verdictOnAttempt({
    ...{ code, now, attempts: attempts + 1, failingSince: endpoint.failingSince, random: tools.random() },
    ...{ retryAfterMs: retryAfterMs(result.retryAfter, now), scale: tools.settings.retryScale },
  });
  store.deliveries.settle(id, { ...result, ...verdict });
  store.endpoints.note(endpoint.id, { failingSince: verdict.failingSince, lastMs: durationMs });
  if (verdict.disable === null || endpoint.disabled !== null) return;
  store.endpoints.disable(endpoint.id, verdict.disable);
  const data = { endpoint: endpoint.id };
  fanOut(store, { id: makeId("msg", systemRandom), type: "endpoint.disabled", data, at: now }, now);
}
