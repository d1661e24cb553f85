// Which tenants there are, as this Worker has been told. SECURITY: anyone can write a key with a right checksum for any id, and
// asking a tenant's object makes one; so the directory is asked first, and what it does not list is remembered for a while.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { logEvent } from "../core/log.ts";

/** What the directory says. */
type Ask = (tenant: string) => Promise<boolean>;

export class TenantNames {
  readonly #now: Clock;
  /** By id: whether it is there, and until when (ms since the epoch) that is believed. Oldest first. */
  readonly #known = new Map<string, { readonly isThere: boolean; readonly until: number }>();

  constructor(now: Clock) {
    this.#now = now;
  }

  /** A directory that cannot be reached keeps nobody out: the tenant's object decides then, as it does in the end. */
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

  /** The tenant was made, or was found to be gone. */
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
