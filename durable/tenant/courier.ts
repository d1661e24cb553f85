// Sends due deliveries, a few at a time.
import { DELIVERY } from "../../src/core/limits.ts";
import { type Lane, nextLane } from "../../src/webhooks/lanes.ts";
import { type SendTools, send } from "./send.ts";
import type { TenantStore } from "./store.ts";

interface Flight {
  readonly endpoint: string;
  readonly troubled: boolean;
  readonly done: Promise<void>;
}

/** Milliseconds within which newly due deliveries are noticed while others are in flight. */
const LOOK_MS = 500;

/** One per instance, because it tracks what is in flight. */
export class Courier {
  readonly #flights = new Map<string, Flight>();
  #called = Promise.withResolvers<void>();

  /** Whether anything is in flight. */
  get isBusy(): boolean {
    return this.#flights.size > 0;
  }

  /** Call when a delivery has become due. */
  wake(): void {
    this.#called.resolve();
  }

  /**
   * Sends until nothing is due or in flight, or until this alarm's limit of time or deliveries; the next alarm waits for
   * those still in flight. A slow endpoint delays this call, but no other endpoint.
   */
  async drain(store: TenantStore, tools: SendTools): Promise<void> {
    const until = tools.now() + DELIVERY.minutesPerAlarm * 60_000;
    const look = setInterval(() => this.wake(), LOOK_MS);
    try {
      for (let left: number = DELIVERY.perAlarm; left > 0 && tools.now() < until && tools.isCurrent(); ) {
        this.#called = Promise.withResolvers();
        left -= this.#begin(store, tools);
        if (!this.isBusy) return;
        await Promise.race([this.#called.promise, ...[...this.#flights.values()].map(({ done }) => done)]);
      }
    } finally {
      clearInterval(look);
    }
  }

  /** Begins the attempts that may begin now. Returns their number. */
  #begin(store: TenantStore, tools: SendTools): number {
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

/** The next time that the courier is needed. */
export function nextDueAt({ endpoints, deliveries }: TenantStore): number | null {
  const times = endpoints.enabled().flatMap(({ id }) => deliveries.dueAt(id) ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}
