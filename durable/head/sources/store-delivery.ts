// Stores a delivery in one transaction: its row, its effect, and the training that it requests.
import { isFailure } from "../../../src/contract/deliveries.ts";
import type { FeaturesMissing } from "../../../src/contract/example-rpc.ts";
import { keptHeaders } from "../../../src/webhooks/kept-headers.ts";
import { type SourceSettings, secretHeadersOf } from "../../../src/webhooks/source.ts";
import type { DeliveryRow } from "../../tables/deliveries.ts";
import { countChanges } from "../backlog.ts";
import { inboxOf, sourceOrFault } from "../inbox.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import { type Arrival, type Effect, isTaken } from "./arrival.ts";
import { countFailure } from "./source-failures.ts";
import { withTraining } from "./training-request.ts";

/** The effect of a delivery that took effect before. */
export const ALREADY: Effect = { outcome: "unchanged", changed: 0 };

/** Call it in a transaction. `effect` makes the changes. If features are missing, nothing is stored. */
export function storeDelivery(
  store: HeadStore,
  arrival: Arrival,
  effect: (settings: SourceSettings) => Effect | FeaturesMissing,
): Effect | FeaturesMissing {
  const inbox = inboxOf(store);
  const { settings } = sourceOrFault(inbox, arrival.source); // the source may have been deleted during the embedding
  if (isTaken(inbox, arrival)) return ALREADY;
  const done = effect(settings);
  if ("missing" in done) return done;
  const row = done.trains ? withTraining(store, done, arrival.now) : { ...done, job: null };
  const failed = isFailure(done.outcome);
  // SECURITY: one delivery counts as one failure, however often it is sent again.
  const failedBefore = failed && inbox.deliveries.get(arrival.source, arrival.id) !== null;
  inbox.deliveries.put({
    source: arrival.source,
    id: arrival.id,
    signed: arrival.signed,
    outcome: row.outcome,
    job: row.job,
    reason: row.reason ?? null,
    example: row.example ?? null,
    changes: row.counts ?? null,
    receivedAt: arrival.now,
    bytes: arrival.request?.body.byteLength ?? 0,
    kept: failed ? keptOf(store, arrival, settings) : null,
  });
  if (!failedBefore) countFailure(store, arrival, done);
  countChanges(store, done.changed, arrival.now);
  return done;
}

function keptOf(store: HeadStore, { request }: Arrival, settings: SourceSettings): DeliveryRow["kept"] {
  if (settings.redact || !keepsInputs(store)) return null;
  if (request === null) return undefined;
  return { body: request.body, headers: keptHeaders(request.headers, secretHeadersOf(settings)) };
}
