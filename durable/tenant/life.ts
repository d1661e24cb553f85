// Stores a new tenant, and deletes a tenant's data in other objects.
import type { DirectoryRpc } from "../../src/contract/tenant-rpc.ts";
import { randomBase62 } from "../../src/core/ids.ts";
import { mapLimited } from "../../src/core/map-limited.ts";
import { Fault } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import { migrate } from "../kit/migrations.ts";
import { MetaTable } from "../tables/meta.ts";
import { filesOfTenant } from "./file-prefix.ts";
import { destroyGivenUp, destroyHead } from "./head-registry.ts";
import { TENANT_MIGRATIONS, type TenantMeta, type TenantStore } from "./store.ts";

/** Heads deleted at once. PLATFORM: an object can have at most six connections that wait for a response. */
const CONCURRENCY = 6;

/** Call it in a transaction. */
export function storeTenant(storage: DurableObjectStorage, id: string, name: string, now: number): void {
  migrate(storage, TENANT_MIGRATIONS);
  const space = randomBase62(12, systemRandom);
  const tenant = { id, name, quotas: {}, createdAt: now, deleting: false, space };
  new MetaTable<TenantMeta>(storage.sql).set("tenant", tenant);
}

/**
 * Deletes the tenant's heads, sources and directory entry, and has its files deleted. Call it before the tenant's own storage is deleted. Waits for heads
 * that are being created, since a creation could otherwise reach the head's object after its deletion.
 */
export async function forgetElsewhere(store: TenantStore, directory: DirectoryRpc): Promise<void> {
  const { id, space } = store.tenant();
  await store.queues.close(() => new Fault("not_found", "The tenant is being deleted"));
  await mapLimited(store.heads.all(), CONCURRENCY, (head) => destroyHead(store, head));
  await mapLimited([...(store.generations.all()?.keys() ?? [])], CONCURRENCY, (head) => destroyGivenUp(store, head));
  await directory.removeSources({ tenant: id, space }, null);
  await directory.dropFiles(filesOfTenant(store.tenant()));
  await directory.remove(id);
}
