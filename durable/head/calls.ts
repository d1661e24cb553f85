// What the calls of a head's contract are given: the head's own tools, before their arguments.
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Calls } from "../kit/calls.ts";
import type { Pace } from "../kit/pace.ts";
import type { Signal } from "../kit/signal.ts";
import type { Refusals } from "./refusals.ts";
import type { HeadStore } from "./store.ts";

/** What a head's object keeps open. */
export interface HeadTools {
  readonly store: HeadStore;
  readonly now: Clock;
  /** Told of every event of a job. */
  readonly changed: Signal;
  /** Deliveries that were not verified. */
  readonly refusals: Refusals;
  /** Of the training at hand. */
  readonly pace: Pace;
  /** Whether this is still the head: it may be deleted while a call waits. */
  isCurrent(): boolean;
  /** Tells the tenant what the head uses, and learns what is left. */
  reportUse(): Promise<void>;
}

export type HeadCalls<Names extends keyof HeadRpc> = Calls<HeadRpc, Names, HeadTools>;
