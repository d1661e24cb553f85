// Deletes a tenant's data in other objects.
import type { DirectoryRpc } from "../../src/contract/tenant-rpc.ts";
import { mapLimited } from "../../src/core/map-limited.ts";
import { Fault } from "../../src/core/problems.ts";
import { filesOfTenant } from "./file-prefix.ts";
import { destroyGivenUp, destroyHead } from "./head-registry.ts";
import type { TenantStore } from "./store.ts";

/** Heads deleted at once. PLATFORM: an object can have at most six connections that wait for a response. */
const CONCURRENCY = 6;

/**
 * Deletes the tenant's heads, sources and directory entry, and has its files deleted. Call it before the tenant's own storage
 * is deleted. Waits for heads that are being created, since a creation could otherwise reach the head's object after its
 * deletion.
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
