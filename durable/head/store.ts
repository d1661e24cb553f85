// Everything that a head's object stores, as tables over its SQLite.
import { Alarms } from "../kit/alarms.ts";
import { ChunkTable } from "../kit/chunks.ts";
import { closable, type ObjectStorage } from "../kit/closable-storage.ts";
import { IdempotencyTable } from "../kit/idempotency.ts";
import { CaptureTable } from "../tables/captures.ts";
import { EventTable } from "../tables/events.ts";
import { ExampleTable } from "../tables/examples.ts";
import { FeatureTable } from "../tables/features.ts";
import { JobTable } from "../tables/jobs.ts";
import { LabelTable } from "../tables/labels.ts";
import { OutboxTable } from "../tables/outbox.ts";
import { PredictionTable } from "../tables/predictions.ts";
import { SnapshotTable } from "../tables/snapshot.ts";
import { StatsTable } from "../tables/stats.ts";
import { VersionTable } from "../tables/versions.ts";
import { type Backbones, type HeadBackbone, headBackbone } from "./head-backbone.ts";
import { type HeadMeta, HeadMetaTable } from "./head-meta.ts";

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

export interface HeadStore {
  readonly storage: ObjectStorage;
  /** Call it when the head is deleted. Every later use of this store throws `not_found`, also by work that is waiting. */
  readonly close: () => void;
  readonly config: HeadMeta["config"];
  readonly backbone: HeadBackbone;
  readonly alarms: Alarms<HeadAlarm>;
  readonly meta: HeadMetaTable;
  readonly labels: LabelTable;
  readonly features: FeatureTable;
  readonly examples: ExampleTable;
  readonly jobs: JobTable;
  readonly events: EventTable;
  readonly outbox: OutboxTable;
  /** Called after every event that is written, before its transaction ends. */
  readonly afterEmit: () => void;
  readonly versions: VersionTable;
  readonly snapshot: SnapshotTable;
  readonly chunks: ChunkTable;
  readonly stats: StatsTable;
  readonly captures: CaptureTable;
  readonly predictions: PredictionTable;
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
  return {
    storage,
    close,
    config,
    backbone: headBackbone(config, backbones),
    meta,
    chunks,
    afterEmit,
    alarms: new Alarms(storage),
    labels: new LabelTable(sql),
    features: new FeatureTable(sql, config.backbone.dimension),
    examples: new ExampleTable(sql, config.task),
    jobs: new JobTable(sql),
    events: new EventTable(sql),
    outbox: new OutboxTable(sql),
    versions: new VersionTable(sql, chunks),
    stats: new StatsTable(sql),
    captures: new CaptureTable(sql),
    predictions: new PredictionTable(sql),
    snapshot: new SnapshotTable(sql, config.task),
    idempotency: new IdempotencyTable(sql, chunks),
  };
}

/** Whether the head stores the texts and files of new inputs. */
export const keepsInputs = ({ meta }: Pick<HeadStore, "meta">): boolean => meta.get("inputs")?.keep ?? true;

/** Whether the head stores inputs now, but not always did: an input that is uploaded again may lack its stored text or file. */
export const lacksInputs = ({ meta }: Pick<HeadStore, "meta">): boolean => meta.get("inputs")?.keep === true;
