// Everything a head's object keeps, as tables over its SQLite.
import type { Policy } from "../../src/contract/heads.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import type { HeadOwner } from "../../src/env.ts";
import { Alarms } from "../kit/alarms.ts";
import { ChunkTable } from "../kit/chunks.ts";
import { IdempotencyTable } from "../kit/idempotency.ts";
import { EventTable } from "../tables/events.ts";
import { ExampleTable } from "../tables/examples.ts";
import { FeatureTable } from "../tables/features.ts";
import { JobTable } from "../tables/jobs.ts";
import { LabelTable } from "../tables/labels.ts";
import { MetaTable } from "../tables/meta.ts";
import { OutboxTable } from "../tables/outbox.ts";
import { SnapshotTable } from "../tables/snapshot.ts";
import { VersionTable } from "../tables/versions.ts";

export interface HeadMeta {
  config: HeadConfig & { readonly createdAt: number };
  /** Whom its events are for: an object that an alarm wakes need not know its own name. */
  owner: HeadOwner;
  policy: Policy;
  /** The one thing of a head that may change after it was made. */
  description: { readonly text: string | null };
  live: { readonly version: number };
  /** Counts every removal of a feature: a training that is gathering rows starts over when it has moved. */
  removals: { readonly count: number };
  /** Counts every example that was deleted or lost its input to another: no training goes on from before. */
  deletions: { readonly count: number };
  /** Which of two places the checkpoint of the job at hand is in. */
  checkpoint: { readonly slot: "a" | "b" };
  /** What the job at hand trains on. */
  dataset: {
    readonly digest: string;
    readonly examples: number;
    readonly labels: readonly string[];
    readonly baseline: VersionView["metrics"]["baseline"];
    /** Rows of every fold. */
    readonly foldRows: readonly number[];
    /** Folds held out in turn: the first ones. */
    readonly rounds: number;
    /** Whether rows may be judged by the folds alone, not each by itself. */
    readonly foldsOnly: boolean;
    /** What values of a regression are counted from. */
    readonly valueOffset: number;
    /** Deletions of examples so far, when the rows were read. */
    readonly deletions: number;
    /** Digest of the version that an update goes on from. */
    readonly base?: string;
  };
}

export interface HeadStore {
  readonly storage: DurableObjectStorage;
  readonly config: HeadMeta["config"];
  readonly alarms: Alarms<"train" | "outbox">;
  readonly meta: MetaTable<HeadMeta>;
  readonly labels: LabelTable;
  readonly features: FeatureTable;
  readonly examples: ExampleTable;
  readonly jobs: JobTable;
  readonly events: EventTable;
  readonly outbox: OutboxTable;
  /** Told of every event written, before its transaction ends. */
  readonly afterEmit: () => void;
  readonly versions: VersionTable;
  readonly snapshot: SnapshotTable;
  readonly chunks: ChunkTable;
  readonly idempotency: IdempotencyTable;
}

/** The store of a head that has been made; its schema is up to date. */
export function openHeadStore(
  storage: DurableObjectStorage,
  afterEmit: () => void = () => undefined,
): HeadStore | null {
  const { sql } = storage;
  const meta = new MetaTable<HeadMeta>(sql);
  const config = meta.get("config");
  if (!config) return null;
  const chunks = new ChunkTable(sql);
  return {
    ...{ storage, config, meta, chunks, afterEmit },
    alarms: new Alarms(storage),
    labels: new LabelTable(sql),
    features: new FeatureTable(sql, config.backbone.dimension),
    examples: new ExampleTable(sql, config.task),
    jobs: new JobTable(sql),
    events: new EventTable(sql),
    outbox: new OutboxTable(sql),
    versions: new VersionTable(sql, chunks),
    snapshot: new SnapshotTable(sql, config.task),
    idempotency: new IdempotencyTable(sql, chunks),
  };
}
