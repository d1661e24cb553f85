// Verifies, identifies and maps deliveries of a head's sources, and applies them. If an input must be embedded first, the
// Worker does that, and only for verified deliveries.
import type { HookRequest, OpenedDelivery } from "../../../src/contract/source-rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { identify } from "../../../src/webhooks/inbound.ts";
import { whatItAsks } from "../../../src/webhooks/map-by-source.ts";
import type { Payload } from "../../../src/webhooks/payload.ts";
import type { SourceRow } from "../../tables/sources.ts";
import { inboxOf, mappedHeadOf, sourceOrFault } from "../inbox.ts";
import type { HeadTools } from "../tools.ts";
import { type Arrival, effectOf, isTaken } from "./arrival.ts";
import { applyOrEmbed } from "./delivered-changes.ts";
import { settleNow } from "./settle-delivery.ts";

export async function openDelivery(
  tools: HeadTools,
  id: string,
  request: HookRequest,
  quota: number,
): Promise<OpenedDelivery> {
  const { store, now } = tools;
  const source = sourceOrFault(inboxOf(store), id);
  const signed = { headers: headersOf(request), body: request.body };
  const identified = await identify(source.settings, source.secrets, signed, now());
  if ("code" in identified) {
    tools.refusals.note(id, identified, now()); // SECURITY: a delivery that fails verification only raises a count in memory
    throw new Fault(identified.code, identified.detail);
  }
  const arrival = { source: id, id: identified.id, signed: identified.signed, request, now: now() };
  return followDelivery(tools, source, arrival, { payload: identified.payload, headers: signed.headers }, quota);
}

export const headersOf = ({ headers }: Pick<HookRequest, "headers">): Headers =>
  new Headers(headers.map(([name, value]): [string, string] => [name, value]));

/** Maps a delivery, and applies its changes, or settles it without changes. */
export async function followDelivery(
  tools: HeadTools,
  source: SourceRow,
  arrival: Arrival,
  { payload, headers }: { readonly payload: Payload; readonly headers: Headers },
  quota: number,
): Promise<OpenedDelivery> {
  const { store } = tools;
  const mapped = whatItAsks(source.settings, await mappedHeadOf(store), payload, headers);
  if (mapped.kind === "changes" && !isTaken(inboxOf(store), arrival))
    return applyOrEmbed(tools, arrival, mapped, quota);
  return { answer: await settleNow(store, arrival, () => effectOf(mapped)) };
}
