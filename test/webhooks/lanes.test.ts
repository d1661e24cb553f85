// Which endpoint's delivery is sent next: few deliveries are in flight, and no endpoint delays another.
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

/** The endpoints in the order in which they get a place, until no place is free. */
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

it("each endpoint gets one place before any gets a second, in order of waiting time", () => {
  expect(given([lane("late", { dueAt: 9 }), lane("early", { dueAt: 1 }), lane("middle", { dueAt: 5 })])).toEqual([
    ...["early", "middle", "late", "early", "middle", "late"],
  ]);
});

it("places stay free for other endpoints when one has very much to send", () => {
  expect(given([lane("busy")])).toHaveLength(DELIVERY.inFlightPerEndpoint);
});

it("half of the places stay free for healthy endpoints when many others fail or are slow", () => {
  const ill = Array.from({ length: 40 }, (_, i) => lane(`ill-${i}`, { troubled: true, dueAt: -1 }));
  expect(given(ill)).toHaveLength(DELIVERY.inFlightTroubled);
  expect(given([...ill, lane("well"), lane("fine")]).filter((name) => !name.startsWith("ill"))).toHaveLength(3);
});

it("no place is given when all are in use or there is nothing to send", () => {
  expect(nextLane([lane("a")], { all: DELIVERY.inFlight, troubled: 0 })).toBeNull();
  expect(nextLane([], { all: 0, troubled: 0 })).toBeNull();
});
