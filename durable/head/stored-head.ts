// How a head's storage begins, and how it is brought up to date when its object wakes.
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { migrate } from "../kit/migrations.ts";
import { MetaTable } from "../tables/meta.ts";
import { adoptNewestRevision } from "./revision.ts";
import { HEAD_MIGRATIONS } from "./schema.ts";
import type { HeadMeta } from "./store.ts";

/** The first rows of a head, in one transaction. */
export function storeHead(storage: DurableObjectStorage, config: HeadConfig, createdAt: number): void {
  storage.transactionSync(() => {
    migrate(storage, HEAD_MIGRATIONS);
    const meta = new MetaTable<HeadMeta>(storage.sql);
    meta.set("config", { ...config, createdAt });
    meta.set("description", { text: config.description });
    meta.set("retention", { keepVersions: config.keepVersions ?? null });
  });
}

/** Brings schema and backbone up to date. */
export async function updateStoredHead(storage: DurableObjectStorage, now: number): Promise<void> {
  migrate(storage, HEAD_MIGRATIONS);
  await adoptNewestRevision(storage, now);
}
