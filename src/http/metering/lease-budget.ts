// A tenant's rate budget in this Worker. Spends from a lease granted by the tenant's object; may spend on credit while a
// renewal is in progress. Plain arithmetic on one mutable record, because it runs in every request.
import type { BudgetRequest, Lease } from "../../contract/usage.ts";
import { LIMITS } from "../../core/limits.ts";

export interface LeaseBudget {
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
   * End of unlimited spending, which begins if the tenant's object does not respond: exceeding limits is better than an outage.
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

/** Share of the limit that a Worker may spend before it asks. A hundred Workers that do so at once exceed the limit by 10 %. */
const CREDIT_SHARE = 1 / 1_000;
/** Least share of the limit that is free while Workers spend on credit. Near the limit, every Worker asks first. */
const AMPLE_SHARE = 1 / 5;
/** A request asks for this multiple of the tokens spent since the last one: leases grow until one lasts. */
const GROWTH = 4;

export const openBudget = (limit: number): LeaseBudget => ({
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

const creditOf = ({ left, limit }: LeaseBudget): number =>
  left >= limit * AMPLE_SHARE ? Math.floor(limit * CREDIT_SHARE) : 0;

/** Spends `amount` if possible; returns whether it did. */
export function trySpend(budget: LeaseBudget, amount: number, now: number): boolean {
  if (budget.tokens >= amount && now < budget.expiresAt) budget.tokens -= amount;
  else if (budget.debt + amount <= creditOf(budget) || now < budget.unboundUntil) budget.debt += amount;
  else return false;
  budget.spent += amount;
  return true;
}

/** Whether another request for a lease would bring too little, because the last one was a moment ago. */
export const isShort = (budget: LeaseBudget, amount: number, now: number): boolean =>
  budget.tokens + budget.left < amount && now < budget.askAfter;

/** Whether to request a lease now, before requests have to wait. */
export const isLow = (budget: LeaseBudget, now: number): boolean =>
  now >= budget.askAfter && (budget.tokens * 2 < budget.lease || budget.debt * 2 > creditOf(budget));

/** Whether there is anything to report, to return, or to learn. */
export const isSpendable = ({ tokens, debt, spent, waiting, distrusted }: LeaseBudget): boolean =>
  distrusted || tokens + debt + spent + waiting > 0;

/** Empties the budget into a request for a lease. A `closing` one returns everything and requests nothing. */
export function askOf(budget: LeaseBudget, closing: boolean): BudgetRequest {
  const { debt, tokens, second, waiting, spent } = budget;
  budget.debt = budget.spent = budget.tokens = budget.lease = 0;
  return { debt, unused: tokens, second, waiting, want: closing ? 0 : Math.max(waiting, GROWTH * spent) };
}

/** Adds a lease, which is valid from the time of its request. */
export function receive(budget: LeaseBudget, lease: Lease, askedAt: number): void {
  const waitSeconds = Math.min(lease.freeInSeconds, LIMITS.leaseSeconds);
  budget.limit = lease.limit;
  budget.tokens = budget.lease = lease.tokens;
  budget.second = lease.second;
  budget.expiresAt = askedAt + LIMITS.leaseSeconds * 1_000;
  budget.left = lease.left;
  budget.freeAt = askedAt + lease.freeInSeconds * 1_000;
  budget.askAfter = lease.left === 0 ? askedAt + waitSeconds * 1_000 : 0;
  budget.unboundUntil = 0;
  budget.distrusted = false;
}

/** Restores the spending of a request for a lease that got no response. */
export function takeBack(budget: LeaseBudget, ask: BudgetRequest, now: number): void {
  budget.debt += ask.debt;
  budget.spent += ask.debt;
  budget.unboundUntil = now + LIMITS.leaseSeconds * 1_000;
  budget.askAfter = budget.unboundUntil;
}

/** Makes the next spending request a lease first, because the limit has changed. */
export function distrust(budget: LeaseBudget): void {
  budget.left = budget.expiresAt = budget.askAfter = 0;
  budget.distrusted = true;
}

/** Remaining tokens of the tenant, as far as this Worker knows. */
export const remaining = ({ left, tokens, debt }: LeaseBudget): number => Math.max(0, left + tokens - debt);

/** Whole seconds until tokens become free; a whole window if nothing is known to be spent. */
export const secondsToFree = ({ freeAt }: LeaseBudget, now: number): number =>
  freeAt === 0 ? 60 : Math.max(1, Math.ceil((freeAt - now) / 1_000));
