// Settles a delivery: writes its row, its effect and the training that it asks for in one transaction, so that a crash followed
// by a redelivery has one effect.
import { type DeliveryAnswer, isFailure } from "../../../src/contract/deliveries.ts";
import type { FeaturesMissing } from "../../../src/contract/rpc.ts";
import { keptHeaders } from "../../../src/webhooks/kept-headers.ts";
import { type SourceSettings, secretHeadersOf } from "../../../src/webhooks/source.ts";
import type { DeliveryRow } from "../../tables/deliveries.ts";
import { countChanges } from "../backlog.ts";
import { type Inbox, inboxOf, sourceOrFault } from "../inbox.ts";
import { reportSoon } from "../quota-usage.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { Arrival, Effect } from "./arrival.ts";
import { answerOf, deliveryFault } from "./delivery-answer.ts";
import { countFailure } from "./source-failures.ts";
import { askByDelivery } from "./training-request.ts";

/**
 * Runs `effect` and stores its outcome, both or neither. Does nothing for a delivery that had its effect before, or where
 * features are missing. Answers after the commit. Throws a fault for a delivery that failed.
 */
export async function settleDelivery(
  store: HeadStore,
  arrival: Arrival,
  effect: (settings: SourceSettings) => Effect | FeaturesMissing,
): Promise<DeliveryAnswer | FeaturesMissing> {
  const { source, now } = arrival;
  const id = nameKept(inboxOf(store), arrival);
  const done = store.storage.transactionSync(() => settleOnce(store, { ...arrival, id }, effect));
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

const ALREADY: Effect = { outcome: "unchanged", changed: 0 };

function settleOnce(
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

/** The effect with the job that trains for it; or with the reason why no job starts now. */
function withTraining(store: HeadStore, done: Effect, now: number): Effect & { readonly job: string | null } {
  const { job, reason, isDue } = askByDelivery(store, now);
  if (job !== null) return { ...done, job };
  const outcome = done.outcome === "training" && !isDue ? "ignored" : done.outcome;
  return { ...done, job, reason, outcome };
}

function keptOf(store: HeadStore, { request }: Arrival, settings: SourceSettings): DeliveryRow["kept"] {
  if (settings.redact || !keepsInputs(store)) return null;
  if (request === null) return undefined;
  return { body: request.body, headers: keptHeaders(request.headers, secretHeadersOf(settings)) };
}

/**
 * SECURITY: the id under which a delivery is stored: its own, or the id under which the same signed bytes came before. Many
 * senders do not sign the id, so a replay can carry any id.
 */
const nameKept = ({ deliveries }: Inbox, { source, id, signed }: Arrival): string =>
  (signed === null || deliveries.get(source, id) ? null : deliveries.idBySigned(source, signed)) ?? id;

/** Whether a delivery had its effect already. A failed delivery had none, so its sender may send it again. */
export function isTaken(inbox: Inbox, arrival: Arrival): boolean {
  const row = inbox.deliveries.get(arrival.source, nameKept(inbox, arrival));
  return row !== null && !isFailure(row.outcome);
}
