// Counts what one request spends, and writes the header fields about the remaining budget.
import type { BudgetName, Counts, Settled, Settlement } from "../../contract/usage.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Outcome } from "../../core/problems.ts";
import type { Env } from "../../env.ts";
import type { TenantCaller } from "../auth/auth.ts";
import { Account, type AccountOptions, type TenantCall } from "./account.ts";
import { type LeaseBudget, remaining, secondsToFree } from "./lease-budget.ts";

/** The accounts of this Worker by tenant space, because a later tenant may have the same id. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  of(caller: Pick<Metered, "tenant" | "space">): Account {
    const known = this.#accounts.get(caller.space);
    if (known) return known;
    const opened = new Account(caller, this.#options);
    this.#accounts.set(caller.space, opened);
    for (const oldest of this.#accounts.keys()) {
      if (this.#accounts.size <= LIMITS.tenantsMetered) break;
      this.#accounts.delete(oldest);
    }
    return opened;
  }

  /** Makes a tenant's budgets request leases before anything else is spent. */
  distrust(tenant: string): void {
    for (const account of this.#accounts.values()) if (account.tenant === tenant) account.distrust();
  }
}

/** The owner of the budgets. `key`: the key of the request. */
export type Metered = Pick<TenantCaller, "tenant" | "space" | "quotas"> & Partial<Pick<TenantCaller, "key">>;

export class Meter implements TenantCall {
  readonly #env: Env;
  readonly #tenant: string;
  readonly #account: Account;
  readonly #head: string;
  readonly #requests: LeaseBudget;
  readonly #inputs: LeaseBudget;
  readonly #own: { readonly name: BudgetName; readonly budget: LeaseBudget } | null;
  readonly waitUntil: TenantCall["waitUntil"];

  constructor(env: Env, caller: Metered, head: string, account: Account, waitUntil: TenantCall["waitUntil"]) {
    this.#env = env;
    this.#tenant = caller.tenant;
    this.#account = account;
    this.#head = head;
    this.#requests = account.budget("requests", caller.quotas.requests_per_minute);
    this.#inputs = account.budget("inputs", caller.quotas.inputs_per_minute);
    this.#own = ownBudget(caller, account);
    this.waitUntil = waitUntil;
  }

  /** Counts and admits the request, or throws because of too many requests. */
  async admit(): Promise<void> {
    const spent = this.#account.spend("requests", 1, this);
    if (spent instanceof Promise) await spent; // usually it is spent at once, without a turn of the microtask queue
    if (this.#own) await this.#account.spend(this.#own.name, 1, this);
    this.#counts.requests++;
  }

  /** Spends inputs to embed, or throws because of too many. Only those of predictions are counted as usage. */
  async spendInputs(count: number, use: "predict" | "upload"): Promise<void> {
    if (count > 0) await this.#account.spend("inputs", count, this);
    if (use === "predict") this.#counts.inputs += count;
  }

  countExamples(added: number): void {
    this.#counts.examples += added;
  }

  /** Reports this Worker's counts to the tenant's object. */
  tellCounts(): Promise<void> {
    return this.#account.settle(this);
  }

  settle(settlement: Settlement): Promise<Outcome<Settled>> {
    return this.#env.tenant(this.#tenant).settle(settlement);
  }

  /** draft-ietf-httpapi-ratelimit-headers-11: the policies, and what is left of each as far as this Worker knows. */
  fields(): Record<string, string> {
    const now = Date.now();
    const own = this.#own?.budget;
    const keyPolicy = own ? `, ${policyOf("key", own)}` : "";
    const keyLeft = own ? `, ${leftOf("key", own, now)}` : "";
    const inputs = `${policyOf("inputs", this.#inputs)};qu="inputs"`;
    const left = `${leftOf("requests", this.#requests, now)}, ${leftOf("inputs", this.#inputs, now)}`;
    return {
      "RateLimit-Policy": `${policyOf("requests", this.#requests)}, ${inputs}${keyPolicy}`,
      RateLimit: left + keyLeft,
    };
  }

  get #counts(): Counts {
    return this.#account.counts(this.#head);
  }
}

function ownBudget({ key }: Metered, account: Account): { name: BudgetName; budget: LeaseBudget } | null {
  if (!key || key.requestsPerMinute === null) return null;
  const name = `key/${key.id}` as const;
  return { name, budget: account.budget(name, key.requestsPerMinute) };
}

const policyOf = (name: string, { limit }: LeaseBudget): string => `"${name}";q=${limit};w=60`;
const leftOf = (name: string, budget: LeaseBudget, now: number): string =>
  `"${name}";r=${remaining(budget)};t=${secondsToFree(budget, now)}`;
