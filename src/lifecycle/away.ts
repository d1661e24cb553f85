// Decides when a head asks a backbone again that is away.

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** The longest wait that a backbone can ask for. */
const LONGEST_ASKED_MS = 3_600_000;

/** The wait after `attempts` earlier attempts in a row: twice as long each time, and as long as the backbone asks for. */
export function waitWhileAwayMs(attempts: number, retryAfterSeconds = 0): number {
  const planned = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
  return Math.max(planned, Math.min(LONGEST_ASKED_MS, 1_000 * retryAfterSeconds));
}
