// A delivery that a head processes, and its effect.
import { type DeliveryCounts, type DeliveryState, isFailure } from "../../../src/contract/deliveries.ts";
import type { DeliveryReason, Mapped } from "../../../src/contract/mapping.ts";
import type { RowProblem } from "../../../src/contract/row-problem.ts";
import type { HookRequest } from "../../../src/contract/source-rpc.ts";
import type { Inbox } from "../inbox.ts";

/** A verified delivery. */
export interface Arrival {
  readonly source: string;
  readonly id: string;
  /** Digest of the signed bytes; null if nothing was signed, or if the delivery is replayed. */
  readonly signed: string | null;
  /** The request to store if the delivery fails; null: the stored one stays. */
  readonly request: HookRequest | null;
  readonly now: number;
}

/**
 * SECURITY: the id under which a delivery is stored: its own, or the id under which the same signed bytes came before. Many
 * senders do not sign the id, so a replay can carry any id.
 */
export const nameKept = ({ deliveries }: Inbox, { source, id, signed }: Arrival): string =>
  (signed === null || deliveries.get(source, id) ? null : deliveries.idBySigned(source, signed)) ?? id;

/** Whether a delivery took effect before. A failed delivery did not, so its sender may send it again. */
export function isTaken(inbox: Inbox, arrival: Arrival): boolean {
  const row = inbox.deliveries.get(arrival.source, nameKept(inbox, arrival));
  return row !== null && !isFailure(row.outcome);
}

export interface Effect {
  readonly outcome: DeliveryState;
  readonly reason?: DeliveryReason | null;
  /** The id of the first example that the delivery names. */
  readonly example?: string | null;
  /** Present for a delivery with examples or deletions. */
  readonly counts?: DeliveryCounts;
  /** Number of examples added, changed or deleted. */
  readonly changed: number;
  /** Whether the delivery requests a training. */
  readonly trains?: boolean;
}

/** The effect of a delivery that changes no examples, or whose changes were applied before. */
export function effectOf(mapped: Mapped): Effect {
  if (mapped.kind === "train") return { outcome: "training", changed: 0, trains: true };
  // Settling finds out that the changes were applied before, and does not run this effect.
  if (mapped.kind === "changes") return { outcome: "unchanged", changed: 0 };
  return { outcome: mapped.kind, reason: mapped.reason, changed: 0 };
}

export function deliveryOutcome({
  added,
  updated,
  deleted,
}: DeliveryCounts): "added" | "updated" | "deleted" | "unchanged" {
  if (added > 0) return "added";
  if (updated > 0) return "updated";
  return deleted > 0 ? "deleted" : "unchanged";
}

/** The effect of a delivery with a bad row. */
export const rejection = ({ code, detail, pointer }: RowProblem, example: string | null): Effect => ({
  outcome: "rejected",
  example,
  changed: 0,
  reason: { code, detail, pointer },
});
