// The first argument of every call of a head's contract: the store and the tools of its object.
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import { type Turn, Turns } from "../../src/core/turns.ts";
import type { Calls } from "../kit/calls.ts";
import type { Pace } from "../kit/pace.ts";
import type { Signal } from "../kit/signal.ts";
import type { FailedVerifications } from "./failed-verifications.ts";
import type { HeadStore } from "./store.ts";

/** The state and tools of a head's object. */
export interface HeadTools {
  readonly store: HeadStore;
  readonly now: Clock;
  /** Files of inputs; null: the deployment has no bucket. */
  readonly bucket: R2Bucket | null;
  /** Notified of every event of a job. */
  readonly changed: Signal;
  /** Counts deliveries that failed verification. */
  readonly refusals: FailedVerifications;
  /** Decides when the open training yields. */
  readonly pace: Pace;
  /** For long calls. They end with the head, and a use of `store` then throws `not_found`. */
  readonly turns: Turns;
  /** Reports the head's use to the tenant's object and stores the allowance that it returns. */
  reportUse(): Promise<void>;
}

export type HeadCalls<Names extends keyof HeadRpc> = Calls<HeadRpc, Names, HeadTools>;

/** Turns that end the work on a head once it is deleted. */
export const turnsWhile = (isCurrent: () => boolean, turn?: Turn): Turns =>
  new Turns(1, turn, () => (isCurrent() ? null : "head_deleted"));
