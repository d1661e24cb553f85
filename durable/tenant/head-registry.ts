// Heads made and forgotten. The tenant's object does it, one thing at a time for each id, and records what it is about to do:
// whatever a kill leaves half done is finished or undone at the next look, so that no id stays taken.
import type { HeadView } from "../../src/contract/heads.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { logEvent } from "../../src/core/log.ts";
import { Fault, type Outcome, unwrap } from "../../src/core/problems.ts";
import type { TenantCalls } from "./calls.ts";
import { quotasOf, type TenantStore } from "./store.ts";

/** Times that a head's object is asked to forget everything. */
const TRIES = 3;

export const registryCalls: TenantCalls<"createHead" | "listHeads" | "deleteHead" | "settleHead"> = {
  createHead: async (store, config) => {
    await makeRoom(store, config.id);
    return store.turns.take(config.id, () => createHead(store, config));
  },
  listHeads: async (store, page) => {
    await settleAll(store);
    return store.heads.list(page);
  },
  deleteHead: (store, id) => store.turns.take(id, () => deleteHead(store, id)),
  settleHead: async (store, id) => {
    await store.turns.take(id, () => settle(store, id, "create"));
    return null;
  },
};

async function createHead(store: TenantStore, config: HeadConfig): Promise<HeadView> {
  const { id } = config;
  await settle(store, id, null);
  reserve(store, id);
  const made = await store.reach.head(id).create(config);
  if (!made.ok && made.fault.code !== "conflict") removeName(store, id);
  store.intents.clear(id);
  return unwrap(made);
}

/** A head that exists is always listed: its name comes first. */
function reserve(store: TenantStore, id: string): void {
  if (store.tenant().deleting) throw new Fault("not_found", "The tenant is being deleted");
  const { heads: most } = quotasOf(store.tenant());
  if (!store.heads.has(id) && store.heads.count() >= most) {
    throw new Fault("quota_exceeded", `The tenant has ${most} heads, which is its quota; delete one first`);
  }
  store.storage.transactionSync(() => {
    store.heads.add(id);
    store.intents.set(id, "create");
  });
}

/** What was begun and never ended counts against the quota until it is settled. */
async function makeRoom(store: TenantStore, id: string): Promise<void> {
  const isFull = store.heads.count() >= quotasOf(store.tenant()).heads;
  if (isFull && !store.heads.has(id)) await settleAll(store);
}

async function deleteHead(store: TenantStore, id: string): Promise<null> {
  await settle(store, id, "create");
  if (!store.heads.has(id)) throw new Fault("not_found", "There is no such head");
  store.intents.set(id, "delete");
  await forgetHead(store, id);
  return null;
}

async function settleAll(store: TenantStore): Promise<void> {
  for (const id of store.intents.heads()) await store.turns.take(id, () => settle(store, id, null));
}

/** Ends what was begun with a head; `otherwise`: what is taken to have been begun where nothing is recorded. */
async function settle(store: TenantStore, id: string, otherwise: "create" | null): Promise<void> {
  const intent = store.intents.get(id) ?? (store.heads.has(id) ? otherwise : null);
  if (intent === "delete") return forgetHead(store, id);
  if (intent !== "create") return;
  const found = await describe(store, id);
  if (!found.ok && found.fault.code === "not_found") removeName(store, id);
  else store.intents.clear(id);
}

/** A head that cannot say what it is exists. */
async function describe(store: TenantStore, id: string): Promise<Outcome<HeadView>> {
  try {
    return await store.reach.head(id).describe();
  } catch (error) {
    return { ok: false, fault: { code: "head_broken", detail: String(error) } };
  }
}

/** The name goes last: what died halfway is begun again. */
async function forgetHead(store: TenantStore, id: string): Promise<void> {
  await destroyHead(store, id);
  await store.reach.removeSources(id);
  removeName(store, id);
}

function removeName(store: TenantStore, id: string): void {
  store.storage.transactionSync(() => {
    store.heads.remove(id);
    store.usage.forgetTotals(id);
    store.intents.clear(id);
  });
}

/** Never fails: a head that cannot be read by anyone must not keep its tenant from forgetting it. */
export async function destroyHead({ reach }: TenantStore, id: string): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    try {
      return await reach.head(id).destroy();
    } catch (error) {
      logEvent("error", "destroy_head_failed", { head: id, tries_left: left - 1, error: String(error) });
    }
  }
}
