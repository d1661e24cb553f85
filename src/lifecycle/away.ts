// Decides when a head calls a backbone again that could not be reached.

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** The longest wait that a backbone can request. */
const LONGEST_ASKED_MS = 3_600_000;

/** The wait after `attempts` earlier failures in a row: doubles each time, and is at least as long as the backbone requested. */
export function waitWhileAwayMs(attempts: number, retryAfterSeconds = 0): number {
  const planned = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
  return Math.max(planned, Math.min(LONGEST_ASKED_MS, 1_000 * retryAfterSeconds));
}
