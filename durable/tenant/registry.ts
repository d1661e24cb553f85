// The parameters of creating and deleting heads: access to their objects, a queue per id, and the open intents.
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { HeadOwner } from "../../src/env.ts";
import { Queues } from "../kit/queues.ts";
import { GENERATIONS_SCHEMA, GenerationTable } from "../tables/generations.ts";
import { HEAD_FOLDERS_SCHEMA, HeadFolderTable } from "../tables/head-folders.ts";
import { INTENTS_SCHEMA, IntentTable } from "../tables/intents.ts";

/** Access to the other objects that the tenant's object calls. */
export interface OtherObjects {
  head(id: string, generation: number): Pick<HeadRpc, "create" | "describe" | "destroy">;
  /** Removes the sources of one head from the directory. */
  removeSources(head: string): Promise<void>;
  /** Makes the directory delete files of the bucket. */
  dropFiles(prefix: string): Promise<void>;
}

export type ReachOf = (owner: HeadOwner) => OtherObjects;

export interface Registry {
  readonly reach: OtherObjects;
  /** Serialises creation and deletion of heads, by id. Closed once the tenant is being deleted. */
  readonly queues: Queues;
  readonly intents: IntentTable;
  readonly generations: GenerationTable;
  readonly folders: HeadFolderTable;
}

/** Each is a migration: append only. */
export const REGISTRY_SCHEMAS = [INTENTS_SCHEMA, GENERATIONS_SCHEMA, HEAD_FOLDERS_SCHEMA];

export const openRegistry = (sql: SqlStorage, reach: OtherObjects): Registry => ({
  reach,
  queues: new Queues(),
  intents: new IntentTable(sql),
  generations: new GenerationTable(sql),
  folders: new HeadFolderTable(sql),
});
