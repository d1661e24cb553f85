// Replays a stored delivery that had no effect.
import type { OpenedDelivery } from "../../../src/contract/source-rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { parsePayload } from "../../../src/webhooks/payload.ts";
import { deliveryOrFault, inboxOf, sourceOrFault } from "../inbox.ts";
import type { HeadTools } from "../tools.ts";
import { followDelivery, headersOf } from "./deliveries.ts";

export async function reopenDelivery(
  tools: HeadTools,
  source: string,
  id: string,
  quota: number,
): Promise<OpenedDelivery> {
  const { store } = tools;
  const inbox = inboxOf(store);
  const row = sourceOrFault(inbox, source);
  deliveryOrFault(store, source, id);
  const kept = inbox.deliveries.kept(source, id);
  const arrival = { source, id, signed: null, request: null, now: tools.now() };
  const detail = `Delivery ${id} cannot be replayed: it already took effect, or its payload is not stored`;
  if (!kept) throw new Fault("not_replayable", detail);
  const payload = await parsePayload(kept.body);
  return followDelivery(tools, row, arrival, { payload, headers: headersOf(kept) }, quota);
}
