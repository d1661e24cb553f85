// Decides what follows from an attempt: whether its delivery is tried again, and whether its endpoint is disabled.
import type { DisabledReason } from "../contract/endpoints.ts";
import { DAY_MS } from "../core/clock.ts";
import { DELIVERY } from "../core/limits.ts";
import { type RetryQuestion, retryWaitMs } from "./retry.ts";

export interface AttemptQuestion extends RetryQuestion {
  /** The status of a complete response; null if there was none. */
  readonly code: number | null;
  /** When the endpoint's current series of failures began. */
  readonly failingSince: number | null;
  readonly now: number;
}

export interface AttemptVerdict {
  readonly status: "succeeded" | "pending" | "failed";
  /** When to try again; null if the delivery is finished. */
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
