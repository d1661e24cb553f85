// Creates a head's storage, and migrates it when the head's object wakes.
import type { BackboneContext } from "../../src/backbones/backbone.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { isStored, migrate } from "../kit/migrations.ts";
import { MetaTable } from "../tables/meta.ts";
import { adoptNewestRevision } from "./examples/revision.ts";
import { HEAD_MIGRATIONS } from "./schema.ts";
import type { HeadMeta } from "./store.ts";

/** Writes the schema and the first rows of a head, in one transaction. */
export function storeHead(storage: DurableObjectStorage, config: HeadConfig, createdAt: number): void {
  storage.transactionSync(() => {
    migrate(storage, HEAD_MIGRATIONS);
    const meta = new MetaTable<HeadMeta>(storage.sql);
    meta.set("config", { ...config, createdAt });
    meta.set("description", { text: config.description });
    if (config.keepInputs === false) meta.set("inputs", { keep: false });
    meta.set("retention", { keepVersions: config.keepVersions ?? null });
  });
}

/** Migrates the schema and moves the head to the newest backbone revision. false, and nothing is written, if there is no head. */
export async function updateStoredHead(
  storage: DurableObjectStorage,
  now: number,
  backbones: BackboneContext,
): Promise<boolean> {
  if (!isStored(storage.sql)) return false;
  migrate(storage, HEAD_MIGRATIONS);
  await adoptNewestRevision(storage, now, backbones);
  return true;
}
