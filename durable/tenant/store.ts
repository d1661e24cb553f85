// Everything that a tenant's object stores.
import { Alarms } from "../kit/alarms.ts";
import { ChunkTable } from "../kit/chunks.ts";
import { IdempotencyTable } from "../kit/idempotency.ts";
import { OutboundDeliveryTable } from "../tables/deliveries-out.ts";
import { EndpointTable } from "../tables/endpoints.ts";
import { KeyTable } from "../tables/keys.ts";
import { MetaTable } from "../tables/meta.ts";
import { NameTable } from "../tables/names.ts";
import { UsageTable } from "../tables/usage.ts";
import type { Tenant, TenantMeta } from "./record.ts";
import { openRegistry, type ReachOf, type Registry } from "./registry.ts";

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
