// The single values that a head stores, by key.
import type { CaptureRule } from "../../src/contract/capture-rule.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";
import type { OlderVersions } from "../../src/contract/serving-rpc.ts";
import type { LeftOut, VersionView } from "../../src/contract/versions.ts";
import type { UseRecord } from "../../src/lifecycle/allowance.ts";
import type { PolicyRecord } from "../../src/lifecycle/policy.ts";
import type { Traffic } from "../../src/lifecycle/traffic.ts";
import { MetaTable } from "../tables/meta.ts";

export class HeadMetaTable extends MetaTable<HeadMeta> {}

export interface HeadMeta extends PolicyRecord, UseRecord {
  config: HeadConfig & { readonly createdAt: number };
  description: { readonly text: string | null };
  /** The traffic; `version` is its primary version. Heads stored before traffic splits existed have only the version. */
  live: { readonly version: number } & Partial<Traffic>;
  /** Number of newest versions that are kept. Absent or null: all, as in heads made before this setting existed. */
  retention: { readonly keepVersions: number | null };
  /** Counts deleted versions. When it changes, Workers drop the weights that they cache by version number. */
  versionsRemoved: { readonly count: number };
  /** Deleted versions whose content is still there. */
  contentToRemove: readonly number[];
  /** Which predictions are captured for review; absent: none. */
  capture: CaptureRule;
  /** Whether texts and files of inputs are kept. Absent: all were always kept. */
  inputs: { readonly keep: boolean };
  /**
   * The older backbone revision that the head stays at, because its features cannot be computed again; absent: the head uses the
   * newest.
   */
  pinned: { readonly revision: string };
  /** Hours for which every prediction is kept, so that feedback can refer to it; absent: none is kept. */
  prediction_log: { readonly hours: number };
  /** The version for which an event has reported drift. */
  drift: { readonly version: number };
  /** Consecutive attempts that found the backbone away; absent: the last attempt succeeded. */
  away: { readonly attempts: number };
  /** Counts removals of features. A training that is gathering rows starts over when it changes. */
  removals: { readonly count: number };
  /** Counts examples that were deleted or got another input. An update does not start from a version made before the last one. */
  deletions: { readonly count: number };
  /** Versions that were trained on features of an older backbone revision; absent: none were. */
  older_versions: readonly OlderVersions[];
  /** The slot of the open job's current checkpoint. */
  checkpoint: { readonly slot: "a" | "b" };
  /** The dataset of the open job. */
  dataset: {
    readonly digest: string;
    readonly examples: number;
    readonly labels: readonly string[];
    /** Labels left out for too few examples; absent in jobs that began before this field existed. */
    readonly leftOut?: readonly LeftOut[];
    readonly baseline: VersionView["metrics"]["baseline"];
    /** Rows of every fold. */
    readonly foldRows: readonly number[];
    /** Number of folds that are held out in turn: the first ones. */
    readonly rounds: number;
    /** Whether rows may be judged only by folds, not by leave-one-out. */
    readonly foldsOnly: boolean;
    /** Rows kept out of training because a held-out row has equal features. Absent in jobs begun before this field existed. */
    readonly duplicates?: number;
    /** Subtracted from the values of a regression. */
    readonly valueOffset: number;
    /** The count of `deletions` when the rows were read. */
    readonly deletions: number;
    /** Digest of the version that an update starts from. */
    readonly base?: string | undefined;
    /** The older backbone revision that made the features; absent or null: the newest did. */
    readonly revision?: string | null;
  };
}
