// Everything a head's object keeps, as tables over its SQLite.
import type { CaptureRule } from "../../src/contract/heads.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import type { OlderVersions } from "../../src/contract/serving-rpc.ts";
import type { LeftOut, VersionView } from "../../src/contract/versions.ts";
import type { UseRecord } from "../../src/lifecycle/allowance.ts";
import type { PolicyRecord } from "../../src/lifecycle/policy.ts";
import type { Traffic } from "../../src/lifecycle/traffic.ts";
import { Alarms } from "../kit/alarms.ts";
import { ChunkTable } from "../kit/chunks.ts";
import { IdempotencyTable } from "../kit/idempotency.ts";
import { CaptureTable } from "../tables/captures.ts";
import { EventTable } from "../tables/events.ts";
import { ExampleTable } from "../tables/examples.ts";
import { FeatureTable } from "../tables/features.ts";
import { JobTable } from "../tables/jobs.ts";
import { LabelTable } from "../tables/labels.ts";
import { MetaTable } from "../tables/meta.ts";
import { OutboxTable } from "../tables/outbox.ts";
import { PredictionTable } from "../tables/predictions.ts";
import { SnapshotTable } from "../tables/snapshot.ts";
import { StatsTable } from "../tables/stats.ts";
import { VersionTable } from "../tables/versions.ts";

/** What a head's object wakes up for. */
export type HeadAlarm = "train" | "policy" | "usage" | "outbox" | "retention" | "refresh" | "predictions";

export interface HeadMeta extends PolicyRecord, UseRecord {
  config: HeadConfig & { readonly createdAt: number };
  /** The one thing of a head that may change after it was made. */
  description: { readonly text: string | null };
  /** Which versions answer; `version` stands for them. A head of before there was traffic has the version only. */
  live: { readonly version: number } & Partial<Traffic>;
  /** How many of the newest versions are kept. Absent or null: all, as in heads made before this setting existed. */
  retention: { readonly keepVersions: number | null };
  /** Counts deleted versions: weights that a Worker holds by version number are not used once it has moved. */
  versionsRemoved: { readonly count: number };
  /** What is kept of predictions; absent: nothing. */
  capture: CaptureRule;
  /** Hours that every prediction is kept for feedback to name; absent: none is. */
  prediction_log: { readonly hours: number };
  /** That features drifted away from what a version was trained on has been told. */
  drift: { readonly version: number };
  /** Counts every removal of a feature: a training that is gathering rows starts over when it has moved. */
  removals: { readonly count: number };
  /** Counts every example that was deleted or lost its input to another: no training goes on from before. */
  deletions: { readonly count: number };
  /** Versions that were trained on features of an older revision of the backbone; absent: none were. */
  older_versions: readonly OlderVersions[];
  /** Which of two places the checkpoint of the job at hand is in. */
  checkpoint: { readonly slot: "a" | "b" };
  /** What the job at hand trains on. */
  dataset: {
    readonly digest: string;
    readonly examples: number;
    readonly labels: readonly string[];
    /** Labels with too few examples; absent of a job that began before there were any. */
    readonly leftOut?: readonly LeftOut[];
    readonly baseline: VersionView["metrics"]["baseline"];
    /** Rows of every fold. */
    readonly foldRows: readonly number[];
    /** Folds held out in turn: the first ones. */
    readonly rounds: number;
    /** Whether rows may be judged by the folds alone, not each by itself. */
    readonly foldsOnly: boolean;
    /** Rows kept out of training with one of equal features that the caller kept out. Absent in a job begun before this existed. */
    readonly duplicates?: number;
    /** What values of a regression are counted from. */
    readonly valueOffset: number;
    /** Deletions of examples so far, when the rows were read. */
    readonly deletions: number;
    /** Digest of the version that an update goes on from. */
    readonly base?: string;
    /** The older revision of the backbone that made the features; absent or null: the newest did. */
    readonly revision?: string | null;
  };
}

export interface HeadStore {
  readonly storage: DurableObjectStorage;
  readonly config: HeadMeta["config"];
  readonly alarms: Alarms<HeadAlarm>;
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
  readonly stats: StatsTable;
  readonly captures: CaptureTable;
  readonly predictions: PredictionTable;
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
    ...{ stats: new StatsTable(sql), captures: new CaptureTable(sql), predictions: new PredictionTable(sql) },
    snapshot: new SnapshotTable(sql, config.task),
    idempotency: new IdempotencyTable(sql, chunks),
  };
}
