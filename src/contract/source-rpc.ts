// The interface of a head's object for its sources: their records, and deliveries in two steps, with the embedding between
// them.
import type { Outcome } from "../core/problems.ts";
import type { Page, PageQuery } from "./common.ts";
import type { DeliveryAnswer, DeliveryDetail, DeliveryQuery, DeliveryView } from "./deliveries.ts";
import type { DryRun, DryRunResult } from "./dry-run.ts";
import type { FeaturesMissing, NewExample, NewFeatures } from "./example-rpc.ts";
import type { ParsedInput } from "./inputs.ts";
import type { DeliveryReason, MappedDeletion, Position } from "./mapping.ts";
import type { HeadConfig } from "./rpc.ts";
import type { CreatedSource, NewSource, RefusalsView, Rotation, SourcePatch, SourceView } from "./sources.ts";

/** A delivery as received. */
export interface HookRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The changes of a delivery, validated: examples to add or change, and ids and groups to delete. */
export interface DeliveredChanges {
  readonly examples: readonly NewExample[];
  /** By example; null if it has none. */
  readonly groups: readonly (string | null)[];
  /** By example: the position of its event; null if it has no order. */
  readonly positions: readonly (Position | null)[];
  readonly deletes: readonly MappedDeletion[];
  readonly deletedGroups: readonly MappedDeletion[];
  readonly reason: DeliveryReason | null;
}

/** A delivery with inputs that must be embedded before it is committed. */
export interface UnembeddedDelivery {
  readonly delivery: string;
  /** Digest of the signed content. */
  readonly signed: string | null;
  readonly changes: DeliveredChanges;
  readonly inputs: readonly { readonly digest: string; readonly input: ParsedInput }[];
  readonly backbone: HeadConfig["backbone"];
}

/** Finished, or to be embedded. */
export type OpenedDelivery = { readonly answer: DeliveryAnswer } | UnembeddedDelivery;

export interface DeliveryCommit {
  readonly delivery: string;
  readonly signed: string | null;
  readonly changes: DeliveredChanges;
  readonly features: NewFeatures;
  /** The request, stored (body and headers) if the delivery fails; null: what is already stored stays. */
  readonly request: HookRequest | null;
}

/** A request to try a payload, validated. */
export interface DryRunRequest extends Pick<DryRun, "mapping" | "headers"> {
  /** The request's body. `payload` is parsed from this, because only the text has all digits of its numbers. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface SourceRpc {
  createSource(id: string, source: NewSource): Promise<Outcome<CreatedSource>>;
  listSources(page: PageQuery): Promise<Outcome<Page<SourceView>>>;
  getSource(id: string): Promise<Outcome<SourceView>>;
  updateSource(id: string, patch: SourcePatch): Promise<Outcome<SourceView>>;
  deleteSource(id: string): Promise<Outcome<null>>;
  rotateSource(id: string, rotation: Rotation): Promise<Outcome<CreatedSource>>;
  dryRun(id: string, request: DryRunRequest, examplesQuota: number): Promise<Outcome<DryRunResult>>;
  /** Verifies, identifies, maps and validates a delivery. Only signed deliveries get a response or are embedded. */
  openDelivery(source: string, request: HookRequest, examplesQuota: number): Promise<Outcome<OpenedDelivery>>;
  /** Like `openDelivery`, for the stored payload of a failed delivery. */
  reopenDelivery(source: string, delivery: string, examplesQuota: number): Promise<Outcome<OpenedDelivery>>;
  /**
   * Commits the delivery and its effect in one transaction; or does nothing and returns the features that the request lacks.
   */
  commitDelivery(
    source: string,
    commit: DeliveryCommit,
    examplesQuota: number,
  ): Promise<Outcome<DeliveryAnswer | FeaturesMissing>>;
  listDeliveries(source: string, query: DeliveryQuery): Promise<Outcome<Page<DeliveryView>>>;
  getDelivery(source: string, delivery: string): Promise<Outcome<DeliveryDetail>>;
  redactDelivery(source: string, delivery: string): Promise<Outcome<DeliveryView>>;
  getRefusals(source: string): Promise<Outcome<RefusalsView>>;
}
