// What comes of a delivery, written once: its row, its effect and the training that it asks for in one transaction, so that a
// crash at any point and a redelivery come to one effect.
import { type DeliveryAnswer, isFailure } from "../../src/contract/deliveries.ts";
import type { FeaturesMissing } from "../../src/contract/rpc.ts";
import { keptHeaders } from "../../src/webhooks/kept-headers.ts";
import { type SourceSettings, secretHeadersOf } from "../../src/webhooks/source.ts";
import type { DeliveryRow } from "../tables/deliveries.ts";
import type { Arrival, Effect } from "./arrival.ts";
import { askByDelivery } from "./ask-by-delivery.ts";
import { countChanges } from "./backlog.ts";
import { answerOf, faultOf } from "./delivery-answer.ts";
import { type Inbox, inboxOf, sourceOrFault } from "./inbox.ts";
import { countFailure } from "./source-failures.ts";
import type { HeadStore } from "./store.ts";
import { reportSoon } from "./use.ts";

/**
 * Runs `effect` and writes what came of it, both or neither; not if the delivery had its effect before, and nothing where
 * features are missing. The answer comes after the commit. Throws the fault that says why a delivery failed.
 */
export async function settle(
  store: HeadStore,
  arrival: Arrival,
  effect: (settings: SourceSettings) => Effect | FeaturesMissing,
): Promise<DeliveryAnswer | FeaturesMissing> {
  const { source, now } = arrival;
  const id = nameKept(inboxOf(store), arrival);
  const done = store.storage.transactionSync(() => settleOnce(store, { ...arrival, id }, effect));
  if ("missing" in done) return done;
  if (done !== ALREADY && isFailure(done.outcome)) throw faultOf(id, done.outcome, done.reason);
  if (done.changed > 0) await reportSoon(store, now);
  await store.alarms.arm();
  return answerOf(inboxOf(store), source, id, done === ALREADY);
}

/** The same for an effect that needs no features. */
export async function settleNow(store: HeadStore, arrival: Arrival, effect: () => Effect): Promise<DeliveryAnswer> {
  const answer = await settle(store, arrival, effect);
  if ("missing" in answer) throw new Error("What needs no features asked for some");
  return answer;
}

const ALREADY: Effect = { outcome: "unchanged", changed: 0 };

function settleOnce(
  store: HeadStore,
  arrival: Arrival,
  effect: (settings: SourceSettings) => Effect | FeaturesMissing,
): Effect | FeaturesMissing {
  const inbox = inboxOf(store);
  const { settings } = sourceOrFault(inbox, arrival.source); // it may have been deleted while its delivery was embedded
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
    ...(failed ? keptOf(arrival, settings) : { kept: null }),
  });
  if (!failedBefore) countFailure(store, arrival, done);
  countChanges(store, done.changed, arrival.now);
  return done;
}

/** The effect with the job that trains for it; or with why there is none, or none yet. */
function withTraining(store: HeadStore, done: Effect, now: number): Effect & { readonly job: string | null } {
  const { job, reason, isDue } = askByDelivery(store, now);
  if (job !== null) return { ...done, job };
  const outcome = done.outcome === "training" && !isDue ? "ignored" : done.outcome;
  return { ...done, job, reason, outcome };
}

function keptOf({ request }: Arrival, settings: SourceSettings): Pick<DeliveryRow, "kept"> {
  if (settings.redact) return { kept: null };
  if (request === null) return {};
  return { kept: { body: request.body, headers: keptHeaders(request.headers, secretHeadersOf(settings)) } };
}

/**
 * SECURITY: the name under which a delivery is kept: its own, or the one under which the same signed bytes came before. Many
 * senders do not sign the name, so a replay can give itself any.
 */
const nameKept = ({ deliveries }: Inbox, { source, id, signed }: Arrival): string =>
  (signed === null || deliveries.get(source, id) ? null : deliveries.idBySigned(source, signed)) ?? id;

/** Whether a delivery had its effect already. One that failed had none, so it may come again. */
export function isTaken(inbox: Inbox, arrival: Arrival): boolean {
  const row = inbox.deliveries.get(arrival.source, nameKept(inbox, arrival));
  return row !== null && !isFailure(row.outcome);
}
