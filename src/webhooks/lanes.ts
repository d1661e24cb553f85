// Whose delivery goes next. Few are in flight at once, and an endpoint that fails or is slow gets only some of that: the
// others never wait for it.
import { DELIVERY } from "../core/limits.ts";

/** An endpoint with something to send. */
export interface Lane {
  readonly endpoint: string;
  /** Since when its oldest delivery has been due. */
  readonly dueAt: number;
  readonly inFlight: number;
  /** Its last attempt failed or was slow. */
  readonly troubled: boolean;
}

export interface InFlight {
  readonly all: number;
  /** Those of troubled endpoints. */
  readonly troubled: number;
}

/** The lane that may send, and has waited longest among those with the fewest in flight. */
export function nextLane(lanes: readonly Lane[], { all, troubled }: InFlight): Lane | null {
  if (all >= DELIVERY.inFlight) return null;
  const open = lanes.filter((lane) =>
    lane.troubled
      ? lane.inFlight === 0 && troubled < DELIVERY.inFlightTroubled
      : lane.inFlight < DELIVERY.inFlightPerEndpoint,
  );
  return open.sort((a, b) => a.inFlight - b.inFlight || a.dueAt - b.dueAt)[0] ?? null;
}
