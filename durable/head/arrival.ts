// A delivery on its way through a head, and what comes of it.
import type { DeliveryCounts, DeliveryState } from "../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../src/contract/mapping.ts";
import type { HookRequest } from "../../src/contract/source-rpc.ts";

/** A delivery that is verified. */
export interface Arrival {
  readonly source: string;
  readonly id: string;
  /** Digest of what was signed; null where nothing was, or where it is known from before. */
  readonly signed: string | null;
  /** To be kept if it fails; null: what was kept stays. */
  readonly request: HookRequest | null;
  readonly now: number;
}

export interface Effect {
  readonly outcome: DeliveryState;
  readonly reason?: DeliveryReason | null;
  /** The first example that it is about. */
  readonly example?: string | null;
  /** Of a delivery that holds examples or deletions. */
  readonly counts?: DeliveryCounts;
  /** Examples added, changed or deleted. */
  readonly changed: number;
  /** Whether it asks for a training. */
  readonly trains?: boolean;
}
