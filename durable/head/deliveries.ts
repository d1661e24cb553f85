// Deliveries of a head's sources: verified, named, mapped, checked, and settled at once, unless an input must be embedded first:
// that is the Worker's work, which nothing forged comes to.
import type { Mapped } from "../../src/contract/mapping.ts";
import type * as Rpc from "../../src/contract/source-rpc.ts";
import { Fault } from "../../src/core/problems.ts";
import { identify, whatItAsks } from "../../src/webhooks/inbound.ts";
import { type Payload, parsePayload } from "../../src/webhooks/payload.ts";
import type { Refusal } from "../../src/webhooks/verify.ts";
import type { SourceRow } from "../tables/sources.ts";
import type { HeadTools } from "./calls.ts";
import { addOrEmbed } from "./delivered-example.ts";
import { deleteExample } from "./examples.ts";
import { deliveryOrFault, inboxOf, shapeOf, sourceOrFault } from "./inbox.ts";
import { type Arrival, type Effect, isTaken, settleNow } from "./settle-delivery.ts";
import type { HeadStore } from "./store.ts";

export async function openDelivery(
  tools: HeadTools,
  id: string,
  { headers, body }: Rpc.HookRequest,
  quota: number,
): Promise<Rpc.OpenedDelivery> {
  const { store, now, isCurrent } = tools;
  const source = sourceOrFault(inboxOf(store), id);
  const signed = { headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])), body };
  const identified = await identify(source.settings, source.secrets, signed, now());
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  if ("code" in identified) throw refused(tools, source, identified);
  const arrival = { source: id, id: identified.id, signed: identified.signed, body, now: now() };
  return proceed(tools, source, arrival, identified.payload, quota);
}

/** SECURITY: a delivery that is not verified leaves nothing behind but a count in memory. */
function refused({ refusals, now }: HeadTools, { id }: SourceRow, refusal: Refusal): Fault {
  refusals.note(id, refusal, now());
  return new Fault(refusal.code, refusal.detail);
}

export async function reopenDelivery(
  tools: HeadTools,
  source: string,
  id: string,
  quota: number,
): Promise<Rpc.OpenedDelivery> {
  const { store } = tools;
  const inbox = inboxOf(store);
  const row = sourceOrFault(inbox, source);
  deliveryOrFault(store, source, id);
  const body = inbox.deliveries.payload(source, id);
  if (body)
    return proceed(tools, row, { source, id, signed: null, body: null, now: tools.now() }, parsePayload(body), quota);
  const detail = `Delivery ${id} had its effect, or its payload is not kept`;
  throw new Fault("not_replayable", detail);
}

async function proceed(
  tools: HeadTools,
  source: SourceRow,
  arrival: Arrival,
  payload: Payload,
  quota: number,
): Promise<Rpc.OpenedDelivery> {
  const { store } = tools;
  const mapped = whatItAsks(source.settings, shapeOf(store), payload);
  if (mapped.kind === "example" && !isTaken(inboxOf(store), arrival))
    return addOrEmbed(tools, arrival, mapped.row, quota);
  const trains = source.settings.action === "add_and_train";
  return { answer: await settleNow(store, arrival, () => effectOf(store, mapped, trains)) };
}

function effectOf(store: HeadStore, mapped: Mapped, trains: boolean): Effect {
  if (mapped.kind === "train") return { outcome: "training", changed: 0, trains: true };
  if (mapped.kind === "delete") return deletion(store, mapped.ids, trains);
  // An example that is taken already: settling finds that out, and never gets as far as this.
  if (mapped.kind === "example") return { outcome: "unchanged", changed: 0 };
  return { outcome: mapped.kind, reason: mapped.reason, changed: 0 };
}

function deletion(store: HeadStore, ids: readonly string[], trains: boolean): Effect {
  const there = [...new Set(ids)].filter((id) => store.examples.get(id));
  for (const id of there) deleteExample(store, id);
  const changed = there.length;
  const outcome = changed > 0 ? "deleted" : "unchanged";
  return { outcome, example: ids[0] ?? null, changed, trains: trains && changed > 0 };
}
