// A tenant's rate budgets and usage counts in this Worker. Exchanges them with the tenant's object in one call at a time: in
// the background while the lease lasts, and every few seconds while there is anything to report.
import type { BudgetName, BudgetRequest, Counts, Lease, Settled, Settlement } from "../../contract/usage.ts";
import type { Clock } from "../../core/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import { Fault, type Outcome, unwrap } from "../../core/problems.ts";
import { type Wait, waitForRequest } from "../../core/wait-for-request.ts";
import type { HeadOwner } from "../../env.ts";
import * as budgets from "./lease-budget.ts";

/** How the current request reaches the tenant's object. */
export interface TenantCall {
  settle(settlement: Settlement): Promise<Outcome<Settled>>;
  /** Lets work continue after the response. */
  waitUntil(work: Promise<unknown>): void;
}

export interface AccountOptions {
  readonly now: Clock;
  readonly wait: Wait;
}

const SETTLE_MS = LIMITS.settleSeconds * 1_000;
/** PLATFORM: work may continue for 30 s after a response. The last round returns everything unspent. */
const KEEPER_ROUNDS = 5;
/** Number of times that a request asks again after other requests have spent the tokens for which it was waiting. */
const MAX_ASKS = 8;

const QUOTA_OF: Readonly<Record<string, string>> = { requests: "requests_per_minute", inputs: "inputs_per_minute" };

export class Account {
  readonly tenant: string;
  readonly #space: string;
  readonly #options: AccountOptions;
  readonly #budgets = new Map<BudgetName, budgets.LeaseBudget>();
  #counts = new Map<string, Counts>();
  #settling: { readonly since: number } | null = null;
  #keptUntil = 0;

  constructor({ tenant, space }: HeadOwner, options: AccountOptions) {
    this.tenant = tenant;
    this.#space = space;
    this.#options = options;
  }

  /** The budget of this name. `limit` applies until the tenant's object reports another. */
  budget(name: BudgetName, limit: number): budgets.LeaseBudget {
    const known = this.#budgets.get(name);
    if (known) return known;
    const opened = budgets.openBudget(limit);
    this.#budgets.set(name, opened);
    return opened;
  }

  /**
   * Counts of a head, to be added to; "" for requests without a head. `head` comes from a path that was not validated: the names
   * that are kept must be short and few.
   */
  counts(head: string): Counts {
    const known = this.#counts.get(head);
    if (known) return known;
    const isKept = head.length <= LIMITS.slugChars && this.#counts.size < LIMITS.headsCounted;
    if (!isKept && head !== "") return this.counts("");
    const opened = { requests: 0, inputs: 0, examples: 0 };
    this.#counts.set(head, opened);
    return opened;
  }

  /**
   * Spends at once; or, without lease and credit, requests a lease and makes the request wait. Throws the fault of an exhausted
   * budget.
   */
  spend(name: BudgetName, amount: number, reach: TenantCall): void | Promise<void> {
    const budget = this.#budgets.get(name) as budgets.LeaseBudget;
    const now = this.#options.now();
    if (!budgets.trySpend(budget, amount, now)) return this.#spendLater(budget, name, amount, reach);
    this.#keepOpen(budget, now, reach);
  }

  async #spendLater(budget: budgets.LeaseBudget, name: BudgetName, amount: number, reach: TenantCall): Promise<void> {
    await this.#askFor(budget, name, amount, reach);
    this.#keepOpen(budget, this.#options.now(), reach);
  }

  #keepOpen(budget: budgets.LeaseBudget, now: number, reach: TenantCall): void {
    if (budgets.isLow(budget, now)) void this.settle(reach);
    if (now >= this.#keptUntil) reach.waitUntil(this.#keep(reach));
  }

  /**
   * Reports spending and counts to the tenant's object, and receives leases. Never fails: what could not be reported is kept.
   */
  async settle(reach: TenantCall, closing = false): Promise<void> {
    const { now } = this.#options;
    const under = this.#settling;
    if (under && now() - under.since < LIMITS.othersWaitMs) {
      return waitForRequest(() => this.#settling !== under, this.#options, LIMITS.othersWaitMs);
    }
    const settling = { since: now() };
    this.#settling = settling;
    const settled = this.#tell(reach, closing, settling.since).finally(() => {
      if (this.#settling === settling) this.#settling = null;
    });
    reach.waitUntil(settled); // other requests poll for its end
    return settled;
  }

  /** Requests leases before anything else is spent, because the limits have changed. */
  distrust(): void {
    for (const budget of this.#budgets.values()) budgets.distrust(budget);
  }

  async #askFor(budget: budgets.LeaseBudget, name: BudgetName, amount: number, reach: TenantCall): Promise<void> {
    for (let asks = 0; asks < MAX_ASKS && !budgets.isShort(budget, amount, this.#options.now()); asks++) {
      budget.waiting += amount;
      await this.settle(reach);
      budget.waiting -= amount;
      if (budgets.trySpend(budget, amount, this.#options.now())) return;
    }
    throw refusal(budget, name, this.#options.now());
  }

  async #tell(reach: TenantCall, closing: boolean, since: number): Promise<void> {
    const asks = this.#asks(closing);
    const counts = this.#counts;
    if (asks.size === 0 && counts.size === 0) return;
    this.#counts = new Map();
    try {
      const told = { asks: Object.fromEntries(asks), counts: Object.fromEntries(counts), space: this.#space };
      const { leases } = unwrap(await reach.settle(told));
      for (const [name, lease] of Object.entries(leases) as [BudgetName, Lease][]) {
        budgets.receive(this.#budgets.get(name) as budgets.LeaseBudget, lease, since);
      }
    } catch (error) {
      if (error instanceof Fault) return; // the tenant and its usage are deleted
      logEvent("error", "settle_failed", { error: String(error) });
      for (const [name, ask] of asks)
        budgets.takeBack(this.#budgets.get(name) as budgets.LeaseBudget, ask, this.#options.now());
      for (const [head, { requests, inputs, examples }] of counts) {
        const into = this.counts(head);
        into.requests += requests;
        into.inputs += inputs;
        into.examples += examples;
      }
    }
  }

  #asks(closing: boolean): Map<BudgetName, BudgetRequest> {
    const open = [...this.#budgets].filter(([, budget]) => budgets.isSpendable(budget));
    return new Map(open.map(([name, budget]) => [name, budgets.askOf(budget, closing)]));
  }

  /** Settles every few seconds, and once more after the last request, to return what is left. */
  async #keep(reach: TenantCall): Promise<void> {
    this.#keptUntil = this.#options.now() + (KEEPER_ROUNDS + 1) * SETTLE_MS;
    for (let round = 1; round <= KEEPER_ROUNDS && this.#isOpen(); round++) {
      await this.#options.wait(SETTLE_MS);
      await this.settle(reach, round === KEEPER_ROUNDS);
    }
    this.#keptUntil = 0;
  }

  #isOpen(): boolean {
    return this.#counts.size > 0 || [...this.#budgets.values()].some(budgets.isSpendable);
  }
}

function refusal(budget: budgets.LeaseBudget, name: BudgetName, now: number): Fault {
  const retryAfterSeconds = budgets.secondsToFree(budget, now);
  const [whose, what, quota] = name.startsWith("key/")
    ? ["key", "requests", "requests_per_minute"]
    : ["tenant", name, QUOTA_OF[name]];
  const detail = `The ${whose} may spend ${budget.limit} ${what} a minute (${quota}); try again in ${retryAfterSeconds} s`;
  return new Fault("rate_limited", detail, { retryAfterSeconds });
}
