// The first argument of every call of a head's contract: the store and the tools of its object.
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import { type Turn, Turns } from "../../src/core/turns.ts";
import type { Calls } from "../kit/calls.ts";
import { Pace } from "../kit/pace.ts";
import { Signal } from "../kit/signal.ts";
import { FailedVerifications } from "./failed-verifications.ts";
import type { HeadStore } from "./store.ts";

/** What one instance of a head's object keeps in memory. An eviction loses it. */
export interface HeadMemory {
  /** Notified of every event of a job. */
  readonly changed: Signal;
  /** Counts deliveries that failed verification. */
  readonly refusals: FailedVerifications;
  /** Decides when the open training yields. */
  readonly pace: Pace;
}

export const newMemory = (): HeadMemory => ({
  changed: new Signal(),
  refusals: new FailedVerifications(),
  pace: new Pace(),
});

/** The state and tools of a head's object. */
export interface HeadTools extends HeadMemory {
  readonly store: HeadStore;
  readonly now: Clock;
  /** Files of inputs; null: the deployment has no bucket. */
  readonly bucket: R2Bucket | null;
  /** For long calls. They end with the head, and a use of `store` then throws `not_found`. */
  readonly turns: Turns;
  /** Reports the head's use to the tenant's object and stores the allowance that it returns. */
  reportUse(): Promise<void>;
}

export type HeadCalls<Names extends keyof HeadRpc> = Calls<HeadRpc, Names, HeadTools>;

/** Turns that end the work on a head once it is deleted. */
export const turnsWhile = (isCurrent: () => boolean, turn?: Turn): Turns =>
  new Turns(1, turn, () => (isCurrent() ? null : "head_deleted"));
