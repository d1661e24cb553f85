// Decides which endpoint's delivery is sent next. Few deliveries are in flight at once, and failing or slow endpoints get only
// some of these places, so that the others never wait for them.
import { DELIVERY } from "../core/limits.ts";

/** An endpoint with something to send. */
export interface Lane {
  readonly endpoint: string;
  /** When its oldest delivery became due. */
  readonly dueAt: number;
  readonly inFlight: number;
  /** Whether its last attempt failed or was slow. */
  readonly troubled: boolean;
}

export interface InFlight {
  readonly all: number;
  /** The deliveries in flight of failing or slow endpoints. */
  readonly troubled: number;
}

/** Of the lanes that may send and have the fewest deliveries in flight, the one that has waited longest. */
export function nextLane(lanes: readonly Lane[], { all, troubled }: InFlight): Lane | null {
  if (all >= DELIVERY.inFlight) return null;
  const open = lanes.filter((lane) =>
    lane.troubled
      ? lane.inFlight === 0 && troubled < DELIVERY.inFlightTroubled
      : lane.inFlight < DELIVERY.inFlightPerEndpoint,
  );
  return open.sort((a, b) => a.inFlight - b.inFlight || a.dueAt - b.dueAt)[0] ?? null;
}
