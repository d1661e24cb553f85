// The rate budget of a minute, granted in parts (leases), so that no request waits for it. Tokens that were granted and not
// returned are limited twice: over 60 s to the configured limit, and over 66 s to slightly more. The second limit is needed
// because a minute of spending can use leases of 66 s: a lease is granted within a second, and spent within 5 s. Together they
// keep every minute within 1.1 times the configured limit.
import type { BudgetRequest, Lease } from "../contract/usage.ts";
import { LIMITS } from "../core/limits.ts";

/** Tokens granted, by second, oldest first. */
export type Granted = readonly (readonly [second: number, tokens: number])[];

const WINDOW_SECONDS = 60;
const REACH_SECONDS = WINDOW_SECONDS + LIMITS.leaseSeconds + 1;
/**
 * Tokens granted within `REACH_SECONDS`, as a multiple of the limit. The rest up to 1.1 is for credit, which is reported late.
 */
const REACH_LIMITS = 1.08;
/**
 * The largest share of the remaining tokens that one lease may take, unless requests wait for more, because other Workers ask
 * too.
 */
const LARGEST_SHARE = 1 / 4;

/** Books spent and returned tokens, and grants a lease of the remaining ones, which may be empty. */
export function grantLease(
  granted: Granted,
  ask: BudgetRequest,
  limit: number,
  second: number,
): { readonly granted: Granted; readonly lease: Lease } {
  const settled = book(book(granted, ask.second, -ask.unused, second), second, ask.debt, second);
  const left = tokensLeft(settled, limit, second);
  const tokens = Math.min(left, Math.max(ask.waiting, Math.min(ask.want, Math.ceil(left * LARGEST_SHARE))));
  const after = book(settled, second, tokens, second);
  const freeInSeconds = secondsUntilFree(after, limit, second);
  return { granted: after, lease: { tokens, second, limit, left: left - tokens, freeInSeconds } };
}

/** Removes entries that are too old to count. */
export const recent = (granted: Granted, second: number): Granted =>
  granted.filter(([at, tokens]) => at > second - REACH_SECONDS && tokens > 0);

function book(granted: Granted, at: number, tokens: number, second: number): Granted {
  if (tokens === 0 || at <= second - REACH_SECONDS) return recent(granted, second);
  const others = recent(granted, second).filter(([other]) => other !== at);
  const before = granted.find(([other]) => other === at)?.[1] ?? 0;
  const booked: Granted = [...others, [at, Math.max(0, before + tokens)]];
  return [...booked].sort(([a], [b]) => a - b);
}

function tokensLeft(granted: Granted, limit: number, second: number): number {
  const within = (seconds: number): number =>
    granted.reduce((sum, [at, tokens]) => sum + (at > second - seconds ? tokens : 0), 0);
  const left = Math.min(limit - within(WINDOW_SECONDS), Math.floor(limit * REACH_LIMITS) - within(REACH_SECONDS));
  return Math.max(0, left);
}

/** Seconds until more tokens are free than now, if nothing else is granted. */
function secondsUntilFree(granted: Granted, limit: number, second: number): number {
  const now = tokensLeft(granted, limit, second);
  for (let seconds = 1; seconds <= REACH_SECONDS; seconds++) {
    if (tokensLeft(granted, limit, second + seconds) > now) return seconds;
  }
  return WINDOW_SECONDS;
}
