// What an attempt means: for its delivery, which is over or tried again, and for its endpoint, which may be disabled.

import type { DisabledReason } from "../contract/endpoints.ts";
import { DAY_MS } from "../core/clock.ts";
import { DELIVERY } from "../core/limits.ts";
import { type RetryQuestion, retryWaitMs } from "./retry.ts";

export interface AttemptQuestion extends RetryQuestion {
  /** Of a complete answer; null where there was none. */
  readonly code: number | null;
  /** Since when every attempt at the endpoint has failed. */
  readonly failingSince: number | null;
  readonly now: number;
}

export interface AttemptVerdict {
  readonly status: "succeeded" | "pending" | "failed";
  /** When to try again; null when it is over. */
  readonly dueAt: number | null;
  readonly failingSince: number | null;
  readonly disable: DisabledReason | null;
}

const GONE = 410;
const FAILING_MS = DELIVERY.failingDays * DAY_MS;

export function verdictOnAttempt(question: AttemptQuestion): AttemptVerdict {
  const { code, now } = question;
  if (code !== null && code >= 200 && code < 300)
    return { status: "succeeded", dueAt: null, failingSince: null, disable: null };
  const failingSince = question.failingSince ?? now;
  if (code === GONE) return { status: "failed", dueAt: null, failingSince, disable: "gone" };
  const waitMs = retryWaitMs(question);
  return {
    status: waitMs === null ? "failed" : "pending",
    dueAt: waitMs === null ? null : now + waitMs,
    failingSince,
    disable: now - failingSince >= FAILING_MS ? "failing" : null,
  };
}
