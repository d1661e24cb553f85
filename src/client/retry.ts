// Decides whether a failed request is sent again, and when.
import { ApiError } from "./api-error.ts";

/** A longer Retry-After, such as that of a used-up quota, is left to the caller. */
const LONGEST_WAIT_MS = 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;

/** Answers of a proxy, or of a service that is busy: the request may have had an effect. */
const TRANSIENT_STATUSES: readonly number[] = [502, 503, 504];

/**
 * Milliseconds until the next attempt; null: give up. `repeatable`: the request may be sent twice with the effect of one. Any
 * request may be sent again after a 429, which is answered before the request has an effect, or between the rows of an upload.
 * `random`: 0 to 1; it keeps clients that failed together from returning together.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  repeatable: boolean,
  random: () => number,
): number | null {
  if (!mayRetry(error, repeatable)) return null;
  const retryAfterSeconds = error instanceof ApiError ? error.retryAfterSeconds : null;
  if (retryAfterSeconds !== null) return retryAfterSeconds * 1_000 > LONGEST_WAIT_MS ? null : retryAfterSeconds * 1_000;
  return Math.min(LONGEST_BACKOFF_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random() / 2);
}

/** Whether the request may have had an effect although it failed. */
export const mayHaveEffect = (error: unknown): boolean => !(error instanceof ApiError) || error.status >= 500;

/** Any other error comes from the network. */
function mayRetry(error: unknown, repeatable: boolean): boolean {
  if (!(error instanceof ApiError)) return repeatable;
  if (error.status === 429) return true;
  return repeatable && (TRANSIENT_STATUSES.includes(error.status) || error.code === "idempotency_running");
}
