// The budget of a minute, leased out in parts, so that no request waits for it. Two sums bound it, of what was granted and
// not given back: of 60 s, the limit; and of the 66 s that a minute of spending can reach back (a lease is spent within 5 s,
// and granted within the second it is booked in), a little more, so that no minute whatever has over 1.1 limits in it.
import type { Ask, Lease } from "../contract/usage.ts";
import { LIMITS } from "../core/limits.ts";

/** Tokens granted, by the second, oldest first. */
export type Granted = readonly (readonly [second: number, tokens: number])[];

const WINDOW_SECONDS = 60;
const REACH_SECONDS = WINDOW_SECONDS + LIMITS.leaseSeconds + 1;
/** Limits that may be granted within the reach. What is left to 1.1 is for spending that is told late: on credit. */
const REACH_LIMITS = 1.08;
/** The part of what is left that one lease may take, unless requests wait for more: others ask too. */
const LARGEST_SHARE = 1 / 4;

/** Books what was spent and given back, and grants a lease of what is left, which may be of nothing. */
export function grantLease(
  granted: Granted,
  ask: Ask,
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

/** Without what is too old to count. */
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

/** Until there is more than now, if nobody asks. */
function secondsUntilFree(granted: Granted, limit: number, second: number): number {
  const now = tokensLeft(granted, limit, second);
  for (let seconds = 1; seconds <= REACH_SECONDS; seconds++) {
    if (tokensLeft(granted, limit, second + seconds) > now) return seconds;
  }
  return WINDOW_SECONDS;
}
