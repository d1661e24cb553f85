// Everything that a head's object stores, as tables over its SQLite.
import { Alarms } from "../kit/alarms.ts";
import { ChunkTable } from "../kit/chunks.ts";
import { closable, type ObjectStorage } from "../kit/closable-storage.ts";
import { IdempotencyTable } from "../kit/idempotency.ts";
import { OutboxTable } from "../tables/outbox.ts";
import { VersionTable } from "../tables/versions.ts";
import { type Backbones, type HeadBackbone, headBackbone } from "./head-backbone.ts";
import { type HeadMeta, HeadMetaTable } from "./head-meta.ts";
import { type ExampleTables, exampleTables } from "./store/examples.ts";
import { type JobTables, jobTables } from "./store/jobs.ts";
import { type ServingTables, servingTables } from "./store/serving.ts";

/** The alarms of a head's object. */
export type HeadAlarm =
  | "train"
  | "policy"
  | "usage"
  | "outbox"
  | "retention"
  | "refresh"
  | "embed"
  | "predictions"
  | "unused_inputs"
  | "removed_sources"
  | "files"
  | "dropped_inputs";

export type { HeadMeta };

export interface HeadStore extends ExampleTables, JobTables, ServingTables {
  readonly storage: ObjectStorage;
  /** Call it when the head is deleted. Every later use of this store throws `not_found`, also by work that is waiting. */
  readonly close: () => void;
  readonly config: HeadMeta["config"];
  readonly backbone: HeadBackbone;
  readonly alarms: Alarms<HeadAlarm>;
  readonly meta: HeadMetaTable;
  readonly outbox: OutboxTable;
  /** Called after every event that is written, before its transaction ends. */
  readonly afterEmit: () => void;
  readonly versions: VersionTable;
  readonly chunks: ChunkTable;
  readonly idempotency: IdempotencyTable;
}

/** Opens the store of a head; null if the head was never created. The schema must be up to date. */
export function openHeadStore(
  from: DurableObjectStorage,
  afterEmit: () => void = () => undefined,
  backbones?: Backbones,
): HeadStore | null {
  const { storage, close } = closable(from, "The head was deleted");
  const { sql } = storage;
  const meta = new HeadMetaTable(sql);
  const config = meta.get("config");
  if (!config) return null;
  const chunks = new ChunkTable(sql);
  const [examples, jobs, serving] = [exampleTables(sql, config), jobTables(sql, config), servingTables(sql)];
  return {
    ...examples,
    ...jobs,
    ...serving,
    storage,
    close,
    config,
    backbone: headBackbone(config, backbones),
    meta,
    chunks,
    afterEmit,
    alarms: new Alarms(storage),
    outbox: new OutboxTable(sql),
    versions: new VersionTable(sql, chunks),
    idempotency: new IdempotencyTable(sql, chunks),
  };
}

/** Whether the head stores the texts and files of new inputs. */
export const keepsInputs = ({ meta }: Pick<HeadStore, "meta">): boolean => meta.get("inputs")?.keep ?? true;

/** Whether the head stores inputs now, but not always did: an input that is uploaded again may lack its stored text or file. */
export const lacksInputs = ({ meta }: Pick<HeadStore, "meta">): boolean => meta.get("inputs")?.keep === true;
