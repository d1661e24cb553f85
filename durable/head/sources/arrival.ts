// A delivery that a head processes, and its effect.
import type { DeliveryCounts, DeliveryState } from "../../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import type { HookRequest } from "../../../src/contract/source-rpc.ts";

/** A verified delivery. */
export interface Arrival {
  readonly source: string;
  readonly id: string;
  /** Digest of the signed bytes; null where nothing was signed, or where the delivery is replayed. */
  readonly signed: string | null;
  /** The request to store if the delivery fails; null: the stored one stays. */
  readonly request: HookRequest | null;
  readonly now: number;
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
  /** Whether the delivery asks for a training. */
  readonly trains?: boolean;
}
