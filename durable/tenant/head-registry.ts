// Creates and deletes heads. The tenant's object does so one step at a time per id, and first records what it is about to do.
// After a crash the next call finishes or undoes that, so that no id stays taken.
import type { HeadView } from "../../src/contract/heads.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { randomBase62 } from "../../src/core/ids.ts";
import { logEvent } from "../../src/core/log.ts";
import { Fault, type Outcome, unwrap } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { TenantCalls } from "./calls.ts";
import { filesOfHead } from "./file-prefix.ts";
import { quotasOf } from "./record.ts";
import type { TenantStore } from "./store.ts";

/** Most attempts to destroy a head's object. */
const DESTROY_ATTEMPTS = 3;

const FOLDER_CHARS = 12;

type CreatedHead = { readonly head: HeadView; readonly generation: number };

export const registryCalls: TenantCalls<"createHead" | "listHeads" | "deleteHead" | "settleHead"> = {
  createHead: async (store, config) => {
    await makeRoom(store, config.id);
    return store.queues.run(config.id, () => createHead(store, config));
  },
  listHeads: async (store, page) => {
    await finishIntents(store);
    return store.heads.list(page);
  },
  deleteHead: (store, id) => store.queues.run(id, () => deleteHead(store, id)),
  settleHead: async (store, id) => {
    await store.queues.run(id, () => finishIntent(store, id, "create"));
    return null;
  },
};

async function createHead(store: TenantStore, config: HeadConfig): Promise<CreatedHead> {
  const { id } = config;
  await finishIntent(store, id, null);
  const isTaken = store.heads.has(id);
  reserve(store, id);
  const made = isTaken ? await createAgain(store, config) : await createNew(store, config);
  if (!made.ok && made.fault.code !== "conflict") removeName(store, id);
  store.intents.clear(id);
  return { head: unwrap(made), generation: store.generations.of(id) };
}

/** Creates a head whose id is not listed. An object that cannot hold it is cleared, or replaced by one of the next generation. */
async function createNew(store: TenantStore, config: HeadConfig): Promise<Outcome<HeadView>> {
  await destroyGivenUp(store, config.id);
  const files = filesOfHead(store, config.id) as string;
  const create = () => objectOf(store, config.id).create({ ...config, files });
  const made = await brokenIfThrown(create);
  if (made.ok || made.fault.code !== "head_broken") return made;
  await clearObject(store, config.id);
  return create();
}

/** Creates a head whose id is listed already. A head that cannot be read keeps its id: only a deletion drops its data. */
async function createAgain(store: TenantStore, config: HeadConfig): Promise<Outcome<HeadView>> {
  const made = await brokenIfThrown(() => objectOf(store, config.id).create(config));
  if (made.ok || made.fault.code !== "head_broken") return made;
  const detail = `There is a head "${config.id}" already, and it cannot be read; delete it first`;
  return { ok: false, fault: { code: "conflict", detail } };
}

/** Stores the name before the head is created, so that every head that exists is listed. */
function reserve(store: TenantStore, id: string): void {
  if (store.tenant().deleting) throw new Fault("not_found", "The tenant is being deleted");
  const { heads: most } = quotasOf(store.tenant());
  if (!store.heads.has(id) && store.heads.count() >= most) {
    throw new Fault("quota_exceeded", `The tenant has ${most} heads, which is its quota; delete one first`);
  }
  store.storage.transactionSync(() => {
    store.heads.add(id);
    store.folders.add(id, randomBase62(FOLDER_CHARS, systemRandom));
    store.intents.set(id, "create");
  });
}

/** Settles open intents if the quota is full: an unfinished creation counts against it until then. */
async function makeRoom(store: TenantStore, id: string): Promise<void> {
  const isFull = store.heads.count() >= quotasOf(store.tenant()).heads;
  if (isFull && !store.heads.has(id)) await finishIntents(store);
}

async function deleteHead(store: TenantStore, id: string): Promise<number> {
  await finishIntent(store, id, "create");
  if (!store.heads.has(id)) throw new Fault("not_found", `There is no head "${id}"`);
  store.intents.set(id, "delete");
  await forgetHead(store, id);
  return store.generations.of(id);
}

async function finishIntents(store: TenantStore): Promise<void> {
  for (const id of store.intents.heads()) await store.queues.run(id, () => finishIntent(store, id, null));
}

/** Finishes or undoes the open intent of a head; `otherwise`: the intent to assume for a listed head without one. */
async function finishIntent(store: TenantStore, id: string, otherwise: "create" | null): Promise<void> {
  const intent = store.intents.get(id) ?? (store.heads.has(id) ? otherwise : null);
  if (intent === "delete") return forgetHead(store, id);
  if (intent !== "create") return;
  const found = await brokenIfThrown(() => objectOf(store, id).describe());
  if (!found.ok && found.fault.code === "not_found") removeName(store, id);
  else store.intents.clear(id);
}

const objectOf = (store: TenantStore, id: string) => store.reach.head(id, store.generations.of(id));

/** Returns `head_broken` if the object throws: a head whose object fails counts as existing. */
async function brokenIfThrown(ask: () => Promise<Outcome<HeadView>>): Promise<Outcome<HeadView>> {
  try {
    return await ask();
  } catch (error) {
    return { ok: false, fault: { code: "head_broken", detail: String(error) } };
  }
}

/** Removes the name last, so that a deletion that stopped halfway can be repeated. */
async function forgetHead(store: TenantStore, id: string): Promise<void> {
  await clearObject(store, id);
  await store.reach.removeSources(id);
  const files = filesOfHead(store, id);
  if (files) await store.reach.dropFiles(files);
  removeName(store, id);
}

function removeName(store: TenantStore, id: string): void {
  store.storage.transactionSync(() => {
    store.heads.remove(id);
    store.folders.remove(id);
    store.usage.forgetTotals(id);
    store.intents.clear(id);
  });
}

/**
 * Leaves an empty object for the next head of this id. PLATFORM: an object whose database cannot be opened fails before its
 * constructor runs, so no call can clear it. The next head gets an object of another name.
 */
async function clearObject(store: TenantStore, id: string): Promise<void> {
  if (!(await destroyHead(store, id))) store.generations.advance(id);
}

/**
 * Tries again to destroy the objects of earlier generations: the failure may have been temporary, and their data must be deleted.
 */
export async function destroyGivenUp({ reach, generations }: TenantStore, id: string): Promise<void> {
  for (let generation = 0; generation < generations.of(id); generation++) {
    try {
      await reach.head(id, generation).destroy();
    } catch (error) {
      logEvent("error", "destroy_given_up_head_failed", { head: id, generation, error: String(error) });
    }
  }
}

/** Whether the head's object was destroyed. Never throws: the tenant must be able to drop a head that cannot be read. */
export async function destroyHead(store: TenantStore, id: string): Promise<boolean> {
  for (let left = DESTROY_ATTEMPTS; left > 0; left--) {
    try {
      await objectOf(store, id).destroy();
      return true;
    } catch (error) {
      logEvent("error", "destroy_head_failed", { head: id, tries_left: left - 1, error: String(error) });
    }
  }
  return false;
}
