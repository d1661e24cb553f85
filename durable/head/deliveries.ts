// Deliveries of a head's sources: opened, and committed once an example is embedded. What needs no embedding is settled when it
// is opened; nothing forged gets as far as being embedded.
import { isProblem } from "../../src/contract/inputs.ts";
import type { Mapped } from "../../src/contract/mapping.ts";
import type * as Rpc from "../../src/contract/source-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { identify, whatItAsks } from "../../src/webhooks/inbound.ts";
import { type Payload, parsePayload } from "../../src/webhooks/payload.ts";
import type { SourceRow } from "../tables/sources.ts";
import type { HeadTools } from "./calls.ts";
import { appendExamples, deleteExample } from "./examples.ts";
import { deliveryOrFault, inboxOf, shapeOf, sourceOrFault } from "./inbox.ts";
import { type Arrival, type Effect, isTaken, noteFailure, settle } from "./settle-delivery.ts";
import type { HeadStore } from "./store.ts";

export async function openDelivery(
  { store, now, isCurrent }: HeadTools,
  id: string,
  { headers, body }: Rpc.HookRequest,
): Promise<Rpc.OpenedDelivery> {
  const source = sourceOrFault(inboxOf(store), id);
  const signed = { headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])), body };
  const identified = await identify(source.settings, source.secrets, signed, now());
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  if ("code" in identified) throw refused(store, source, identified, now());
  return proceed(store, source, { source: id, id: identified.id, body, now: now() }, identified.payload);
}

/** SECURITY: a forged delivery leaves no row and no payload, and once a source is failing no trace at all. */
function refused(
  store: HeadStore,
  { id, failures }: SourceRow,
  refusal: { code: "bad_signature" | "stale_timestamp"; detail: string },
  now: number,
): Fault {
  if (failures < LIMITS.failuresBeforeEvent) store.storage.transactionSync(() => noteFailure(store, id, refusal, now));
  return new Fault(refusal.code, refusal.detail);
}

export async function reopenDelivery(
  { store, now }: HeadTools,
  source: string,
  id: string,
): Promise<Rpc.OpenedDelivery> {
  const inbox = inboxOf(store);
  const row = sourceOrFault(inbox, source);
  deliveryOrFault(store, source, id);
  const body = inbox.deliveries.payload(source, id);
  if (body) return proceed(store, row, { source, id, body: null, now: now() }, parsePayload(body));
  const detail = `Delivery ${id} had its effect, or its payload is not kept`;
  throw new Fault("not_replayable", detail);
}

async function proceed(
  store: HeadStore,
  { settings }: SourceRow,
  arrival: Arrival,
  payload: Payload,
): Promise<Rpc.OpenedDelivery> {
  const mapped = whatItAsks(settings, shapeOf(store), payload);
  const isNew = !isTaken(inboxOf(store), arrival.source, arrival.id);
  if (isNew && mapped.kind === "example") {
    const { task, backbone } = store.config;
    return { delivery: arrival.id, row: mapped.row, head: { task, backbone } };
  }
  const trains = settings.action === "add_and_train";
  const answer = await settle(store, arrival, () => effectOf(store, mapped, trains));
  if ("missing" in answer) throw new Error("What needs no features asked for some");
  return { answer };
}

function effectOf(store: HeadStore, mapped: Mapped, trains: boolean): Effect {
  if (mapped.kind === "train") return { outcome: "training", changed: 0, owesTraining: true };
  if (mapped.kind === "delete") return deletion(store, mapped.ids, trains);
  if (mapped.kind === "example") throw new Error("An example is embedded before it is settled");
  return { outcome: mapped.kind, reason: mapped.reason, changed: 0 };
}

function deletion(store: HeadStore, ids: readonly string[], trains: boolean): Effect {
  const there = [...new Set(ids)].filter((id) => store.examples.get(id));
  for (const id of there) deleteExample(store, id);
  const changed = there.length;
  return {
    outcome: changed > 0 ? "deleted" : "unchanged",
    example: ids[0] ?? null,
    changed,
    owesTraining: trains && changed > 0,
  };
}

/** The example of a delivery that was opened; the request between is the Worker's own. */
export function commitDelivery({ store, now }: HeadTools, source: string, commit: Rpc.DeliveryCommit) {
  const { settings } = sourceOrFault(inboxOf(store), source);
  const arrival = { source, id: commit.delivery, body: commit.body, now: now() };
  return settle(store, arrival, () => additionOf(store, commit, settings.action === "add_and_train", arrival.now));
}

function additionOf(
  store: HeadStore,
  { example, features, examplesQuota }: Rpc.DeliveryCommit,
  trains: boolean,
  now: number,
) {
  if (isProblem(example)) return { outcome: "rejected", reason: example, changed: 0 } as const;
  const appended = appendExamples(store, { examples: [example], features, source: "webhook", examplesQuota }, now);
  if ("missing" in appended) return appended;
  const [problem] = appended.rejected;
  if (problem) return { outcome: "rejected", reason: reasonOf(problem), example: example.id, changed: 0 } as const;
  const changed = appended.added + appended.updated;
  const outcome = appended.added > 0 ? "added" : appended.updated > 0 ? "updated" : "unchanged";
  return { outcome, example: example.id, changed, owesTraining: trains && changed > 0 } as const;
}

const reasonOf = ({ code, detail, pointer }: { code: string; detail: string; pointer?: string }) => ({
  ...{ code, detail },
  ...(pointer === undefined ? {} : { pointer }),
});
