// Decides when a failed delivery is tried again. Pure functions of the attempt, randomness and the receiver's Retry-After.
import { DELIVERY } from "../core/limits.ts";

/** Seconds before each attempt, after the previous one: the contract's numbers. */
const WAIT_SECONDS = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** Random extension of waits, so that not all senders try a recovered receiver at the same moment. */
const JITTER = 0.2;

export interface RetryQuestion {
  /** Finished attempts, including the one that just failed. */
  readonly attempts: number;
  /** In [0, 1). */
  readonly random: number;
  /** Milliseconds that `Retry-After` requests. */
  readonly retryAfterMs: number | null;
  /** Multiplies the waits of the schedule: 1, except in tests. */
  readonly scale: number;
}

/** Milliseconds until the next attempt; null after the last one. */
export function retryWaitMs({ attempts, random, retryAfterMs, scale }: RetryQuestion): number | null {
  const seconds = WAIT_SECONDS[attempts];
  if (seconds === undefined) return null;
  const planned = seconds * 1_000 * scale * (1 + JITTER * random);
  const asked = Math.min(retryAfterMs ?? 0, DELIVERY.retryAfterHours * 3_600_000);
  return Math.round(Math.max(planned, asked));
}

/** `Retry-After` as milliseconds from now: seconds or a date (RFC 9110, 10.2.3); null if it is neither. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = /^[A-Z][a-z]{2,8}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
