// A tenant's rate budget in this Worker. Spends from a lease granted by the tenant's object; may spend on credit while a
// renewal is in progress. Plain arithmetic on one mutable record, because it runs in every request.
import type { Ask, Lease } from "../contract/usage.ts";
import { LIMITS } from "../core/limits.ts";

export interface Purse {
  /** Tokens per minute. */
  limit: number;
  /** Unspent tokens of the lease. */
  tokens: number;
  /** Tokens of the lease when it was granted. */
  lease: number;
  /** When it was granted, by the object's clock. */
  second: number;
  /** When the lease expires (ms since the epoch, like all times here). */
  expiresAt: number;
  /** Tokens that were not granted to any Worker at that time. */
  left: number;
  /** When spent tokens become free again. */
  freeAt: number;
  /** Earliest time at which another request for a lease is useful. */
  askAfter: number;
  /**
   * Until then spending is unlimited, because the tenant's object did not respond: exceeding limits is better than an outage.
   */
  unboundUntil: number;
  /** Tokens spent without a lease since the last request for one. */
  debt: number;
  /** All tokens spent since the last request for a lease. */
  spent: number;
  /** Tokens that requests are waiting for. */
  waiting: number;
  /** Whether the limit may have changed: a lease is requested before anything is spent. */
  distrusted: boolean;
}

/** Share of the limit that a Worker may spend before it asks. A hundred Workers doing so at once stay within the 10 %. */
const CREDIT_SHARE = 1 / 1_000;
/** Share of the limit that must have been left for credit. Near the limit, every Worker asks first. */
const AMPLE_SHARE = 1 / 5;
/** A request asks for this multiple of the tokens spent since the last one: leases grow until one lasts. */
const GROWTH = 4;

export const openPurse = (limit: number): Purse => ({
  limit,
  tokens: 0,
  lease: 0,
  second: 0,
  expiresAt: 0,
  left: limit,
  freeAt: 0,
  askAfter: 0,
  unboundUntil: 0,
  debt: 0,
  spent: 0,
  waiting: 0,
  distrusted: false,
});

const creditOf = ({ left, limit }: Purse): number =>
  left >= limit * AMPLE_SHARE ? Math.floor(limit * CREDIT_SHARE) : 0;

/** Spends `amount` if possible; returns whether it did. */
export function trySpend(purse: Purse, amount: number, now: number): boolean {
  if (purse.tokens >= amount && now < purse.expiresAt) purse.tokens -= amount;
  else if (purse.debt + amount <= creditOf(purse) || now < purse.unboundUntil) purse.debt += amount;
  else return false;
  purse.spent += amount;
  return true;
}

/** Whether another request for a lease would bring too little, because the last one was a moment ago. */
export const isShort = (purse: Purse, amount: number, now: number): boolean =>
  purse.tokens + purse.left < amount && now < purse.askAfter;

/** Whether to request a lease now, before requests have to wait. */
export const isLow = (purse: Purse, now: number): boolean =>
  now >= purse.askAfter && (purse.tokens * 2 < purse.lease || purse.debt * 2 > creditOf(purse));

/** Whether there is anything to report, to return, or to learn. */
export const isOpen = ({ tokens, debt, spent, waiting, distrusted }: Purse): boolean =>
  distrusted || tokens + debt + spent + waiting > 0;

/** Empties the budget into a request for a lease. A `closing` one returns everything and requests nothing. */
export function askOf(purse: Purse, closing: boolean): Ask {
  const { debt, tokens, second, waiting, spent } = purse;
  purse.debt = purse.spent = purse.tokens = purse.lease = 0;
  return { debt, unused: tokens, second, waiting, want: closing ? 0 : Math.max(waiting, GROWTH * spent) };
}

/** Adds a lease, which is valid from the time of its request. */
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

/** Restores the spending of a request for a lease that got no response. */
export function takeBack(purse: Purse, ask: Ask, now: number): void {
  purse.debt += ask.debt;
  purse.spent += ask.debt;
  purse.unboundUntil = now + LIMITS.leaseSeconds * 1_000;
  purse.askAfter = purse.unboundUntil;
}

/** Makes the next spending request a lease first, because the limit has changed. */
export function distrust(purse: Purse): void {
  purse.left = purse.expiresAt = purse.askAfter = 0;
  purse.distrusted = true;
}

/** Remaining tokens of the tenant, as far as this Worker knows. */
export const remaining = ({ left, tokens, debt }: Purse): number => Math.max(0, left + tokens - debt);

/** Whole seconds until tokens become free; a whole window if nothing is known to be spent. */
export const secondsToFree = ({ freeAt }: Purse, now: number): number =>
  freeAt === 0 ? 60 : Math.max(1, Math.ceil((freeAt - now) / 1_000));
