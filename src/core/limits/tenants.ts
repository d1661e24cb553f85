// Limits of a tenant: its quotas, its keys, and what Workers cache about it, with unit and reason.
import { GIB, MIB } from "./units.ts";

export const TENANT_LIMITS = {
  /** Valid keys of a tenant. */
  keysPerTenant: 1_000,
  /** Endpoints of a tenant: every event is matched against each. */
  endpointsPerTenant: 50,
  /** Requests of a tenant per minute, unless its quotas say otherwise: 100,000 per second, ten times what one Worker serves. */
  requestsPerMinute: 6_000_000,
  /** Inputs of a tenant to embed per minute, unless its quotas say otherwise: ten for each of those requests. */
  inputsPerMinute: 60_000_000,
  /** Bytes of all heads of a tenant, unless its quotas say otherwise: ten objects at the platform's limit of 10 GB. */
  storageBytesPerTenant: 100 * GIB,
  /** Seconds of training work of a tenant per day (UTC), unless its quotas say otherwise: one core, all day. */
  trainingSecondsPerDay: 86_400,
  /** Seconds that a looked-up key counts as fresh. Then it is looked up again while requests continue. */
  keyFreshSeconds: 10,
  /** Seconds after which a looked-up key is no longer used: revoked keys must be refused everywhere within 30. */
  keyStaleSeconds: 20,
  /** Milliseconds a request waits for another request's call to a tenant's object, before it calls the object itself. */
  othersWaitMs: 2_000,
  /** Hashes of keys that a Worker holds, with the keys, at about 250 bytes each. */
  keyHashBytes: 2 * MIB,
  /** Keys that a Worker caches, at about 400 bytes each. */
  keysCached: 10_000,
  /** Tenants whose budgets and counts a Worker holds, at one or two kilobytes each. */
  tenantsMetered: 5_000,
  /** Heads of a tenant that a Worker counts separately between two reports. Others count for the tenant as a whole. */
  headsCounted: 1_000,
  /** Seconds a Worker may spend a lease. With the second of its grant, spending reaches this far beyond a minute (budget.ts). */
  leaseSeconds: 5,
  /** Seconds between two reports of a busy Worker to a tenant's object: a lease is renewed before it expires. */
  settleSeconds: 4,
  /** Seconds until a head reports an upload to its tenant. */
  reportSeconds: 10,
  /** Seconds that a head uses the last allowance from its tenant. */
  allowanceSeconds: 60,
  /** Days that usage is stored: a year and a month. */
  usageDays: 400,
  /** Tenant ids whose existence a Worker caches, at about 100 bytes each. */
  tenantNamesKnown: 10_000,
  /**
   * Seconds that an id is cached as not existing. A tenant created through another Worker may be unknown here for that long.
   */
  tenantAbsentSeconds: 5,
  /** Seconds that a tenant is cached as existing. Its object makes the final decision. */
  tenantKnownSeconds: 600,
} as const;
