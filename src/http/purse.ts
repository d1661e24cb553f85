// One budget of a tenant as this Worker spends it: from a lease, or on credit while more is asked for. Plain arithmetic on
// one mutable record, as it runs in every request.
import type { Ask, Lease } from "../contract/usage.ts";
import { LIMITS } from "../core/limits.ts";

export interface Purse {
  /** Tokens in a minute. */
  limit: number;
  /** Unspent of the lease. */
  tokens: number;
  /** The lease as it came. */
  lease: number;
  /** When it was granted, by the object's clock. */
  second: number;
  /** After this it may not be spent (ms since the epoch, like all times here). */
  expiresAt: number;
  /** Tokens that nobody held when the lease came. */
  left: number;
  /** When tokens come free that were spent before. */
  freeAt: number;
  /** Before this there is no use in asking again. */
  askAfter: number;
  /** Until then spending is unbounded, since the tenant's object did not answer: limits are not worth an outage. */
  unboundUntil: number;
  /** Spent without a lease, since the last ask. */
  debt: number;
  /** Spent in all since the last ask. */
  spent: number;
  /** Tokens that requests are waiting for. */
  waiting: number;
  /** Whether the limit may be another by now: it is asked for before anything is spent. */
  distrusted: boolean;
}

/** Of the limit: what a Worker may spend before it asks. A hundred Workers that do so at once are within the 10 %. */
const CREDIT_SHARE = 1 / 1_000;
/** Of the limit: as long as this was left there is credit. Near the end everyone asks first. */
const AMPLE_SHARE = 1 / 5;
/** Times the spending since the last ask that is asked for: leases double until one lasts. */
const GROWTH = 4;

export const openPurse = (limit: number): Purse => ({
  ...{ limit, tokens: 0, lease: 0, second: 0, expiresAt: 0, left: limit, freeAt: 0, askAfter: 0 },
  ...{ unboundUntil: 0, debt: 0, spent: 0, waiting: 0, distrusted: false },
});

const creditOf = ({ left, limit }: Purse): number =>
  left >= limit * AMPLE_SHARE ? Math.floor(limit * CREDIT_SHARE) : 0;

/** Whether `amount` could be spent; then it is. */
export function trySpend(purse: Purse, amount: number, now: number): boolean {
  if (purse.tokens >= amount && now < purse.expiresAt) purse.tokens -= amount;
  else if (purse.debt + amount <= creditOf(purse) || now < purse.unboundUntil) purse.debt += amount;
  else return false;
  purse.spent += amount;
  return true;
}

/** Whether asking would bring too little: it was asked a moment ago. */
export const isShort = (purse: Purse, amount: number, now: number): boolean =>
  purse.tokens + purse.left < amount && now < purse.askAfter;

/** Whether to ask before requests have to wait. */
export const isLow = (purse: Purse, now: number): boolean =>
  now >= purse.askAfter && (purse.tokens * 2 < purse.lease || purse.debt * 2 > creditOf(purse));

/** Whether there is anything to tell, to give back, or to learn. */
export const isOpen = ({ tokens, debt, spent, waiting, distrusted }: Purse): boolean =>
  distrusted || tokens + debt + spent + waiting > 0;

/** Empties the purse into an ask; a `closing` one gives back and wants nothing. */
export function askOf(purse: Purse, closing: boolean): Ask {
  const { debt, tokens, second, waiting, spent } = purse;
  purse.debt = purse.spent = purse.tokens = purse.lease = 0;
  return { debt, unused: tokens, second, waiting, want: closing ? 0 : Math.max(waiting, GROWTH * spent) };
}

/** Puts a lease into the purse, which counts from when it was asked for. */
export function receive(purse: Purse, lease: Lease, askedAt: number): void {
  const waitSeconds = Math.min(lease.freeInSeconds, LIMITS.leaseSeconds);
  purse.limit = lease.limit;
  purse.tokens = purse.lease = lease.tokens;
  purse.second = lease.second;
  purse.expiresAt = askedAt + LIMITS.leaseSeconds * 1_000;
  purse.left = lease.left;
  purse.freeAt = askedAt + lease.freeInSeconds * 1_000;
  purse.askAfter = lease.left === 0 ? askedAt + waitSeconds * 1_000 : 0;
  purse.unboundUntil = 0;
  purse.distrusted = false;
}

/** Takes back what an ask would have told, which got no answer. */
export function takeBack(purse: Purse, ask: Ask, now: number): void {
  purse.debt += ask.debt;
  purse.spent += ask.debt;
  purse.unboundUntil = now + LIMITS.leaseSeconds * 1_000;
  purse.askAfter = purse.unboundUntil;
}

/** Makes the next spending ask first: the limit has changed. */
export function distrust(purse: Purse): void {
  purse.left = purse.expiresAt = purse.askAfter = 0;
  purse.distrusted = true;
}

/** Tokens of the tenant that are left, as far as this Worker knows. */
export const remaining = ({ left, tokens, debt }: Purse): number => Math.max(0, left + tokens - debt);

/** Whole seconds until more comes free; all of a window where nothing is known to be spent. */
export const secondsToFree = ({ freeAt }: Purse, now: number): number =>
  freeAt === 0 ? 60 : Math.max(1, Math.ceil((freeAt - now) / 1_000));
