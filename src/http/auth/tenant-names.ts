// Caches which tenants exist. SECURITY: anyone can write a key with a valid checksum for any id, and a call to a tenant's
// object creates that object. So the directory is asked first, and its negative answers are cached for a while.
import type { Clock } from "../../core/clock.ts";
import { ExpiringMap } from "../../core/expiring-map.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";

type Ask = (tenant: string) => Promise<boolean>;

export class TenantNames {
  readonly #now: Clock;
  /** Whether a tenant exists, by id. */
  readonly #known = new ExpiringMap<boolean>(LIMITS.tenantNamesKnown);

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Whether a tenant exists. If the directory is unreachable, returns true: the tenant's object decides in the end. */
  async has(tenant: string, ask: Ask): Promise<boolean> {
    const known = this.#known.get(tenant, this.#now());
    if (known !== undefined) return known;
    try {
      const isThere = await ask(tenant);
      this.#note(tenant, isThere);
      return isThere;
    } catch (error) {
      logEvent("error", "directory_unreachable", { error: String(error) });
      return true;
    }
  }

  /** Call when the tenant was created, or found to be deleted. */
  forget(tenant: string): void {
    this.#known.delete(tenant);
  }

  #note(tenant: string, isThere: boolean): void {
    const seconds = isThere ? LIMITS.tenantKnownSeconds : LIMITS.tenantAbsentSeconds;
    this.#known.set(tenant, isThere, this.#now() + seconds * 1_000);
  }
}
