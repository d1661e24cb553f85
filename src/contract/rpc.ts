// The interfaces of the Durable Objects for the stateless Worker. Expected failures are passed as values, because classes do
// not survive RPC.
import type { JsonText } from "../core/json-text.ts";
import type { Outcome } from "../core/problems.ts";
import type { BackboneId } from "./backbones.ts";
import type { Page, PageQuery } from "./common.ts";
import type {
  AppendRequest,
  AppendResult,
  ExportedExample,
  ExportedPart,
  FeaturesMissing,
  LabelConflict,
} from "./example-rpc.ts";
import type { ExampleFilter, ExamplePatch, ExampleView } from "./examples.ts";
import type { HeadCard } from "./head-file.ts";
import type { HeadPatch, HeadView } from "./heads.ts";
import type { IdempotencyRpc } from "./idempotency-rpc.ts";
import type { Modality } from "./inputs.ts";
import type { JobEvent, JobView } from "./jobs.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "./label-issues.ts";
import type { Policy } from "./policy.ts";
import type { Promotion, RareLabels, RecipeName, RecipeOptions } from "./recipes.ts";
import type { ServingRpc } from "./serving-rpc.ts";
import type { Task } from "./tasks.ts";
import type { PromotedVersion, StoredVersion, Verification, VersionView } from "./versions.ts";

/** The properties of a head that are fixed at its creation; its backbone never changes. */
export interface HeadConfig {
  readonly id: string;
  readonly task: Task;
  readonly backbone: { readonly id: BackboneId; readonly identity: string; readonly dimension: number };
  /** The kind of the head's inputs. Absent in heads made before it was stored: see `modalityOf`. */
  readonly modality?: Modality;
  /** The fixed labels, in order; null if labels come from the examples. */
  readonly labels: readonly string[] | null;
  readonly description: string | null;
  /** Initial number of newest versions to keep; absent or null: all. */
  readonly keepVersions?: number | null;
  /** Initial `keep_inputs`; absent: true. */
  readonly keepInputs?: boolean;
  /**
   * Prefix of the head's keys in the bucket: no other head has it, not even a later one of this id. Absent: it has no files
   * there.
   */
  readonly files?: string;
}

/** Heads made before their modality was stored use one of the two backbones that existed then. */
export const modalityOf = ({ modality, backbone }: Pick<HeadConfig, "modality" | "backbone">): Modality =>
  modality ?? (backbone.id === "features" ? "features" : "text");

export interface JobRequestBody {
  readonly id: string;
  readonly recipe: RecipeName;
  readonly seed: number;
  readonly options: RecipeOptions;
  readonly promote?: Promotion | undefined;
  /** Absent: `refuse`. */
  readonly rareLabels?: RareLabels | undefined;
  /** A version whose training is repeated to compare digests. */
  readonly verify?: number | undefined;
}

/** The verdict if no training is needed, or the job that will produce it. */
export type VerificationStart = { readonly verdict: Verification } | { readonly job: string };

/** A version with the weights that serve. */
export interface VersionFile {
  readonly record: StoredVersion;
  /** A `TrainedHead`, as `encodeTrainedHead` writes it. */
  readonly head: Uint8Array<ArrayBuffer>;
}

/** A version from another head or service, validated except for whether it fits this head. */
export interface ImportRequest {
  readonly card: HeadCard;
  /** A `TrainedHead`, as `encodeTrainedHead` writes it. */
  readonly head: Uint8Array<ArrayBuffer>;
}

export interface ImportResult {
  readonly number: number;
  readonly version: JsonText<VersionView>;
  /** false: the same weights were imported before. */
  readonly created: boolean;
}

export interface HeadRpc extends IdempotencyRpc, ServingRpc {
  create(config: HeadConfig): Promise<Outcome<HeadView>>;
  describe(): Promise<Outcome<HeadView>>;
  update(patch: HeadPatch): Promise<Outcome<HeadView>>;
  destroy(): Promise<void>;
  /** Each step of an upload or an export passes the creation time of the head with which it began; absent: any head. */
  missingFeatures(digests: readonly string[], born?: number): Promise<Outcome<string[]>>;
  append(request: AppendRequest): Promise<Outcome<AppendResult | FeaturesMissing>>;
  /** Stores conflicts of an upload for `listLabelIssues`. */
  noteConflicts(conflicts: readonly LabelConflict[], born?: number): Promise<Outcome<null>>;
  listExamples(filter: ExampleFilter): Promise<Outcome<Page<ExampleView>>>;
  exportExamples(after: string | null, withFeatures: boolean, born?: number): Promise<Outcome<Page<ExportedExample>>>;
  /** Parts of the files of some inputs, in order, from `offset` in the first file: at least one part. */
  exportFiles(digests: readonly string[], offset: number, born?: number): Promise<Outcome<ExportedPart[]>>;
  getExample(id: string): Promise<Outcome<ExampleView>>;
  updateExample(id: string, patch: ExamplePatch): Promise<Outcome<ExampleView>>;
  deleteExample(id: string): Promise<Outcome<null>>;
  getPolicy(): Promise<Outcome<Policy>>;
  setPolicy(policy: Policy): Promise<Outcome<Policy>>;
  startJob(request: JobRequestBody): Promise<Outcome<JobView>>;
  listJobs(page: PageQuery): Promise<Outcome<Page<JobView>>>;
  getJob(id: string): Promise<Outcome<JobView>>;
  cancelJob(id: string): Promise<Outcome<JobView>>;
  listJobEvents(job: string, page: PageQuery): Promise<Outcome<Page<JobEvent>>>;
  /** Events after `after`; waits if there is none yet. `ended` is true once the last event was returned. */
  nextJobEvents(job: string, after: number): Promise<Outcome<{ events: JobEvent[]; ended: boolean }>>;
  /** Views of versions are passed as text, which takes a fraction of the time of passing objects. */
  listVersions(page: PageQuery): Promise<Outcome<JsonText<Page<VersionView>>>>;
  getVersion(version: number): Promise<Outcome<JsonText<VersionView>>>;
  readVersion(version: number): Promise<Outcome<VersionFile>>;
  readWeights(version: number): Promise<Outcome<VersionFile["head"]>>;
  importVersion(request: ImportRequest): Promise<Outcome<ImportResult>>;
  deleteVersion(version: number): Promise<Outcome<null>>;
  promoteVersion(version: number): Promise<Outcome<JsonText<PromotedVersion>>>;
  /** Starts a job with the given id, unless the verdict is already known. */
  verifyVersion(version: number, job: string): Promise<Outcome<VerificationStart>>;
  listLabelIssues(query: LabelIssuesQuery): Promise<Outcome<LabelIssuesPage>>;
}
