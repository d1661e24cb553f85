// Verifies, identifies, maps, checks and settles deliveries of a head's sources. Where an input must be embedded first, the
// Worker does that, and only for verified deliveries.
import type { Mapped } from "../../../src/contract/mapping.ts";
import type * as Rpc from "../../../src/contract/source-rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { identify } from "../../../src/webhooks/inbound.ts";
import { whatItAsks } from "../../../src/webhooks/map-by-source.ts";
import { type Payload, parsePayload } from "../../../src/webhooks/payload.ts";
import type { VerificationFailure } from "../../../src/webhooks/verify.ts";
import type { SourceRow } from "../../tables/sources.ts";
import { deliveryOrFault, inboxOf, mappedHeadOf, sourceOrFault } from "../inbox.ts";
import type { HeadTools } from "../tools.ts";
import type { Arrival, Effect } from "./arrival.ts";
import { applyOrEmbed } from "./delivered-changes.ts";
import { isTaken, settleNow } from "./settle-delivery.ts";

export async function openDelivery(
  tools: HeadTools,
  id: string,
  request: Rpc.HookRequest,
  quota: number,
): Promise<Rpc.OpenedDelivery> {
  const { store, now } = tools;
  const source = sourceOrFault(inboxOf(store), id);
  const signed = { headers: headersOf(request), body: request.body };
  const identified = await identify(source.settings, source.secrets, signed, now());
  if ("code" in identified) throw refused(tools, source, identified);
  const arrival = { source: id, id: identified.id, signed: identified.signed, request, now: now() };
  return proceed(tools, source, arrival, { payload: identified.payload, headers: signed.headers }, quota);
}

/** SECURITY: a delivery that fails verification only raises a count in memory. */
function refused({ refusals, now }: HeadTools, { id }: SourceRow, refusal: VerificationFailure): Fault {
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
  const kept = inbox.deliveries.kept(source, id);
  const arrival = { source, id, signed: null, request: null, now: tools.now() };
  const detail = `Delivery ${id} cannot be replayed: it has had its effect, or its payload is not kept`;
  if (!kept) throw new Fault("not_replayable", detail);
  const payload = await parsePayload(kept.body);
  return proceed(tools, row, arrival, { payload, headers: headersOf(kept) }, quota);
}

const headersOf = ({ headers }: Pick<Rpc.HookRequest, "headers">): Headers =>
  new Headers(headers.map(([name, value]): [string, string] => [name, value]));

async function proceed(
  tools: HeadTools,
  source: SourceRow,
  arrival: Arrival,
  { payload, headers }: { readonly payload: Payload; readonly headers: Headers },
  quota: number,
): Promise<Rpc.OpenedDelivery> {
  const { store } = tools;
  const mapped = whatItAsks(source.settings, await mappedHeadOf(store), payload, headers);
  if (mapped.kind === "changes" && !isTaken(inboxOf(store), arrival))
    return applyOrEmbed(tools, arrival, mapped, quota);
  return { answer: await settleNow(store, arrival, () => effectOf(mapped)) };
}

function effectOf(mapped: Mapped): Effect {
  if (mapped.kind === "train") return { outcome: "training", changed: 0, trains: true };
  // The changes were applied before: `settle` finds that out and does not run this effect.
  if (mapped.kind === "changes") return { outcome: "unchanged", changed: 0 };
  return { outcome: mapped.kind, reason: mapped.reason, changed: 0 };
}
