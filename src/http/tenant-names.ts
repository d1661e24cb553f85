// Caches which tenants exist. SECURITY: anyone can write a key with a valid checksum for any id, and a call to a tenant's
// object creates that object. So the directory is asked first, and its negative answers are cached for a while.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { logEvent } from "../core/log.ts";

/** Asks the directory. */
type Ask = (tenant: string) => Promise<boolean>;

export class TenantNames {
  readonly #now: Clock;
  /** By id: whether it exists, and until when (ms since the epoch) that is used. Oldest first. */
  readonly #known = new Map<string, { readonly isThere: boolean; readonly until: number }>();

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Whether a tenant exists. If the directory is unreachable, returns true: the tenant's object decides in the end. */
  async has(tenant: string, ask: Ask): Promise<boolean> {
    const known = this.#known.get(tenant);
    if (known && this.#now() < known.until) return known.isThere;
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
    this.#known.delete(tenant);
    this.#known.set(tenant, { isThere, until: this.#now() + seconds * 1_000 });
    const [oldest] = this.#known.keys();
    if (this.#known.size > LIMITS.tenantNamesKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}
