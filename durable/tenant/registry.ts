// What it takes to make and forget heads: their objects, whose turn it is, and what was begun.
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { HeadOwner } from "../../src/env.ts";
import { Turns } from "../kit/turns.ts";
import { INTENTS_SCHEMA, IntentTable } from "../tables/intents.ts";

/** What the tenant's object reaches of others. */
export interface Reach {
  head(id: string): Pick<HeadRpc, "create" | "describe" | "destroy">;
  /** Of one head. */
  removeSources(head: string): Promise<void>;
}

export type ReachOf = (owner: HeadOwner) => Reach;

export interface Registry {
  readonly reach: Reach;
  /** Of heads that are made or forgotten, by id. */
  readonly turns: Turns;
  readonly intents: IntentTable;
}

export const REGISTRY_SCHEMA = INTENTS_SCHEMA;

export const openRegistry = (sql: SqlStorage, reach: Reach): Registry => ({
  reach,
  turns: new Turns(),
  intents: new IntentTable(sql),
});
