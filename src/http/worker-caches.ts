// State that this Worker keeps between requests: keys, and budgets of tenants.
import type { RouteEntry } from "../contract/route-entry.ts";
import { LIMITS } from "../core/limits.ts";
import { unwrap } from "../core/problems.ts";
import type { Env } from "../env.ts";
import type { FindKey, TenantCaller } from "./auth/auth.ts";
import { KeyCache } from "./auth/key-cache.ts";
import { TenantNames } from "./auth/tenant-names.ts";
import { Accounts } from "./metering/meter.ts";

type WaitUntil = (work: Promise<unknown>) => void;

export interface WorkerCaches {
  readonly keys: KeyCache<TenantCaller>;
  readonly accounts: Accounts;
  readonly tenants: TenantNames;
}

export function makeWorkerCaches(): WorkerCaches {
  const clock = { now: () => Date.now(), wait: (ms: number) => scheduler.wait(ms) };
  return {
    keys: new KeyCache({ ...clock, most: LIMITS.keysCached }),
    accounts: new Accounts(clock),
    tenants: new TenantNames(clock.now),
  };
}

/** Drops what is cached of a tenant's keys and limits. */
export function forgetTenant({ keys, accounts, tenants }: WorkerCaches, tenant: string): void {
  keys.forget(tenant);
  accounts.distrust(tenant);
  tenants.forget(tenant);
}

/**
 * How a key is looked up for a route. SECURITY: a cached key gives access only to heads, whose names contain the tenant's
 * space. Other routes use the tenant's object in any case, may find a later tenant with the same id there, or create keys, so
 * they look the key up again.
 */
export function finderOf(
  env: Env,
  waitUntil: WaitUntil,
  { route }: RouteEntry,
  { keys, tenants }: WorkerCaches,
): FindKey {
  const isOfHead = route.path.includes("{head}");
  return (hash, tenant) => {
    const ask = async (): Promise<TenantCaller | null> => {
      if (!(await tenants.has(tenant, (id) => env.directory().has(id)))) return null;
      const principal = unwrap(await env.tenant(tenant).authenticate(hash));
      if (!principal) tenants.forget(tenant); // it may have been deleted
      return principal && { kind: "tenant", ...principal };
    };
    return isOfHead ? keys.find(hash, { ask, waitUntil }) : keys.renew(hash, ask);
  };
}
