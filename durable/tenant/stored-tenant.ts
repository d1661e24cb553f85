// Stores a new tenant, opens a stored one, and finds the principal of a key.
import type { Principal } from "../../src/contract/tenant-rpc.ts";
import { randomBase62 } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { isStored, migrate } from "../kit/migrations.ts";
import { MetaTable } from "../tables/meta.ts";
import { quotasOf, type TenantMeta } from "./record.ts";
import { TENANT_MIGRATIONS } from "./schema.ts";
import type { TenantStore } from "./store.ts";

/** Call it in a transaction. */
export function storeTenant(storage: DurableObjectStorage, id: string, name: string, now: number): void {
  migrate(storage, TENANT_MIGRATIONS);
  const space = randomBase62(12, systemRandom);
  const tenant = { id, name, quotas: {}, createdAt: now, deleting: false, space };
  new MetaTable<TenantMeta>(storage.sql).set("tenant", tenant);
}

/** Brings stored tables up to the newest schema. False: this object has stored nothing yet. */
export function migrateStored(storage: DurableObjectStorage): boolean {
  const stored = isStored(storage.sql);
  if (stored) migrate(storage, TENANT_MIGRATIONS);
  return stored;
}

export function principalOf(store: TenantStore, keyHash: string, now: number): Principal | null {
  const tenant = store.tenant();
  const found = tenant.deleting ? null : store.keys.find(keyHash, now);
  if (!found) return null;
  const generations = store.generations.all();
  return { tenant: tenant.id, space: tenant.space, generations, ...found, quotas: quotasOf(tenant) };
}
