// The answer to the sender of a delivery.
import { type DeliveryAnswer, type DeliveryState, isFailure } from "../../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import { Fault } from "../../../src/core/problems.ts";
import type { Inbox } from "../inbox.ts";

export function answerOf({ deliveries }: Inbox, source: string, id: string, duplicate: boolean): DeliveryAnswer {
  const row = deliveries.get(source, id);
  const outcome = duplicate || !row || isFailure(row.outcome) ? "duplicate" : row.outcome;
  const changes = duplicate ? null : row?.changes;
  return {
    delivery: id,
    outcome,
    ...changes,
    job: row?.job ?? undefined,
    reason: row?.reason ?? undefined,
  };
}

export function deliveryFault(delivery: string, outcome: DeliveryState, reason: DeliveryReason | null = null): Fault {
  const { detail, pointer, code: cause, header }: DeliveryReason = reason ?? { code: outcome, detail: outcome };
  const errors = pointer === undefined ? [] : [{ pointer, detail }];
  const code = outcome === "unmappable" ? "unmappable" : "delivery_rejected";
  return new Fault(code, detail, {
    errors,
    extensions: { delivery, reason: cause, header },
  });
}
