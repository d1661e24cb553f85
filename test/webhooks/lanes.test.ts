// Whose delivery goes next: few in flight, and no endpoint in another's way.
import { expect, it } from "vitest";
import { DELIVERY } from "../../src/core/limits.ts";
import { type Lane, nextLane } from "../../src/webhooks/lanes.ts";

const lane = (endpoint: string, more: Partial<Lane> = {}): Lane => ({
  endpoint,
  dueAt: 0,
  inFlight: 0,
  troubled: false,
  ...more,
});

/** Endpoints in the order in which they are given a place, until there is none. */
function given(lanes: readonly Lane[]): string[] {
  const places: string[] = [];
  const flying = (): Lane[] =>
    lanes.map((one) => ({ ...one, inFlight: places.filter((name) => name === one.endpoint).length }));
  for (;;) {
    const troubled = flying().reduce((sum, one) => sum + (one.troubled ? one.inFlight : 0), 0);
    const next = nextLane(flying(), { all: places.length, troubled });
    if (!next) return places;
    places.push(next.endpoint);
  }
}

it("gives each endpoint one place before any gets a second, in order of waiting time", () => {
  expect(given([lane("late", { dueAt: 9 }), lane("early", { dueAt: 1 }), lane("middle", { dueAt: 5 })])).toEqual([
    ...["early", "middle", "late", "early", "middle", "late"],
  ]);
});

it("keeps places free for others when one endpoint has very much to send", () => {
  expect(given([lane("busy")])).toHaveLength(DELIVERY.inFlightPerEndpoint);
});

it("keeps half of the places for healthy endpoints when many others fail or are slow", () => {
  const ill = Array.from({ length: 40 }, (_, i) => lane(`ill-${i}`, { troubled: true, dueAt: -1 }));
  expect(given(ill)).toHaveLength(DELIVERY.inFlightTroubled);
  expect(given([...ill, lane("well"), lane("fine")]).filter((name) => !name.startsWith("ill"))).toHaveLength(3);
});

it("gives no place when all are in use or there is nothing to send", () => {
  expect(nextLane([lane("a")], { all: DELIVERY.inFlight, troubled: 0 })).toBeNull();
  expect(nextLane([], { all: 0, troubled: 0 })).toBeNull();
});
