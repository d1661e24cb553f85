// Everything that a tenant's object stores, and the view of the tenant.
import type { FullQuotas, Quotas, TenantView } from "../../src/contract/tenants.ts";
import { timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Granted } from "../../src/lifecycle/budget.ts";
import { ALARMS_SCHEMA, Alarms } from "../kit/alarms.ts";
import { CHUNKS_SCHEMA, ChunkTable } from "../kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS, IDEMPOTENCY_SCHEMA, IdempotencyTable } from "../kit/idempotency.ts";
import type { Migration } from "../kit/migrations.ts";
import { DELIVERIES_OUT_SCHEMA, OutboundDeliveryTable } from "../tables/deliveries-out.ts";
import { ENDPOINTS_SCHEMA, EndpointTable } from "../tables/endpoints.ts";
import { KEY_RATES_SCHEMA, KEYS_SCHEMA, KeyTable } from "../tables/keys.ts";
import { META_SCHEMA, MetaTable } from "../tables/meta.ts";
import { NAMES_SCHEMA, NameTable } from "../tables/names.ts";
import { USAGE_SCHEMA, UsageTable } from "../tables/usage.ts";
import { openRegistry, REGISTRY_SCHEMAS, type ReachOf, type Registry } from "./registry.ts";

const WEBHOOKS_OUT = [ALARMS_SCHEMA, ENDPOINTS_SCHEMA, DELIVERIES_OUT_SCHEMA].join("\n");

/** Append-only: a migration that has run anywhere is never edited. */
export const TENANT_MIGRATIONS: readonly Migration[] = [
  [META_SCHEMA, CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA, KEYS_SCHEMA, NAMES_SCHEMA].join("\n"),
  IDEMPOTENCY_OWNERS,
  [KEY_RATES_SCHEMA, USAGE_SCHEMA].join("\n"),
  WEBHOOKS_OUT,
  IDEMPOTENCY_BYTES,
  ...REGISTRY_SCHEMAS,
];

interface Tenant {
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

export interface TenantStore extends Registry {
  tenant(): Tenant;
  readonly storage: DurableObjectStorage;
  readonly alarms: Alarms<"deliver">;
  readonly endpoints: EndpointTable;
  readonly deliveries: OutboundDeliveryTable;
  /** Notifies the courier that a delivery is due. */
  readonly wakeCourier: () => void;
  readonly meta: MetaTable<TenantMeta>;
  readonly keys: KeyTable;
  readonly heads: NameTable;
  readonly usage: UsageTable;
  readonly idempotency: IdempotencyTable;
}

export function openTenantStore(
  storage: DurableObjectStorage,
  wakeCourier: () => void,
  reachOf: ReachOf,
): TenantStore | null {
  const { sql } = storage;
  const meta = new MetaTable<TenantMeta>(sql);
  const tenant = meta.get("tenant");
  if (!tenant) return null;
  const registry = openRegistry(sql, reachOf({ tenant: tenant.id, space: tenant.space }));
  return {
    tenant: () => meta.get("tenant") as Tenant,
    storage,
    alarms: new Alarms<"deliver">(storage),
    wakeCourier,
    endpoints: new EndpointTable(sql),
    deliveries: new OutboundDeliveryTable(sql),
    ...registry,
    meta,
    keys: new KeyTable(sql),
    heads: new NameTable(sql),
    usage: new UsageTable(sql),
    idempotency: new IdempotencyTable(sql, new ChunkTable(sql)),
  };
}

export const quotasOf = ({ quotas }: Tenant): FullQuotas => ({
  heads: quotas.heads ?? LIMITS.headsPerTenant,
  examples_per_head: quotas.examples_per_head ?? LIMITS.examplesPerHead,
  requests_per_minute: quotas.requests_per_minute ?? LIMITS.requestsPerMinute,
  inputs_per_minute: quotas.inputs_per_minute ?? LIMITS.inputsPerMinute,
  storage_bytes: quotas.storage_bytes ?? LIMITS.storageBytesPerTenant,
  training_seconds_per_day: quotas.training_seconds_per_day ?? LIMITS.trainingSecondsPerDay,
});

export function viewOfTenant(store: TenantStore): TenantView {
  const tenant = store.tenant();
  return { id: tenant.id, name: tenant.name, quotas: quotasOf(tenant), created_at: timestamp(tenant.createdAt) };
}
