// A tenant's record, its quotas with the defaults filled in, and its view.
import type { FullQuotas, Quotas, TenantView } from "../../src/contract/tenants.ts";
import { timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Granted } from "../../src/lifecycle/budget.ts";

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly quotas: Quotas;
  readonly createdAt: number;
  /** The tenant is being deleted: its keys are refused. */
  readonly deleting: boolean;
  /** Random part of the names of the tenant's heads, so that a later tenant with the same id cannot reach them. */
  readonly space: string;
}

export interface TenantMeta {
  tenant: Tenant;
  /** Recent leases of each budget. */
  granted: Readonly<Record<string, Granted>>;
}

export const quotasOf = ({ quotas }: Tenant): FullQuotas => ({
  heads: quotas.heads ?? LIMITS.headsPerTenant,
  examples_per_head: quotas.examples_per_head ?? LIMITS.examplesPerHead,
  requests_per_minute: quotas.requests_per_minute ?? LIMITS.requestsPerMinute,
  inputs_per_minute: quotas.inputs_per_minute ?? LIMITS.inputsPerMinute,
  storage_bytes: quotas.storage_bytes ?? LIMITS.storageBytesPerTenant,
  training_seconds_per_day: quotas.training_seconds_per_day ?? LIMITS.trainingSecondsPerDay,
});

export const viewOfTenant = (tenant: Tenant): TenantView => ({
  id: tenant.id,
  name: tenant.name,
  quotas: quotasOf(tenant),
  created_at: timestamp(tenant.createdAt),
});
