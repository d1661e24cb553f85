// What a head's object offers for its sources: the records of them, and deliveries in two steps, with the embedding between.
import type { Outcome } from "../core/problems.ts";
import type { Page, PageQuery } from "./common.ts";
import type { DeliveryAnswer, DeliveryDetail, DeliveryQuery, DeliveryView } from "./deliveries.ts";
import type { Input } from "./inputs.ts";
import type { DeliveryReason, MappedDeletion, Position } from "./mapping.ts";
import type { FeaturesMissing, HeadConfig, NewExample, NewFeatures } from "./rpc.ts";
import type {
  CreatedSource,
  DryRun,
  DryRunResult,
  NewSource,
  RefusalsView,
  Rotation,
  SourcePatch,
  SourceView,
} from "./sources.ts";

/** A delivery as it came. */
export interface HookRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a delivery changes, checked: examples to add or change, and ids and groups to delete. */
export interface DeliveredChanges {
  readonly examples: readonly NewExample[];
  /** Of each example; null where it has none. */
  readonly groups: readonly (string | null)[];
  /** Where each example's event stands; null where it has no order. */
  readonly positions: readonly (Position | null)[];
  readonly deletes: readonly MappedDeletion[];
  readonly deletedGroups: readonly MappedDeletion[];
  readonly reason: DeliveryReason | null;
}

/** A delivery with inputs that are to be embedded before it is committed. */
export interface UnembeddedDelivery {
  readonly delivery: string;
  /** Digest of what was signed. */
  readonly signed: string | null;
  readonly changes: DeliveredChanges;
  readonly inputs: readonly { readonly digest: string; readonly input: Input }[];
  readonly backbone: HeadConfig["backbone"];
}

/** Done with, or to be embedded. */
export type OpenedDelivery = { readonly answer: DeliveryAnswer } | UnembeddedDelivery;

export interface DeliveryCommit {
  readonly delivery: string;
  readonly signed: string | null;
  readonly changes: DeliveredChanges;
  readonly features: NewFeatures;
  /** The request, of which body and headers are kept if the delivery fails; null: what was kept stays. */
  readonly request: HookRequest | null;
}

/** A request to try a payload, checked. */
export interface Trial extends Pick<DryRun, "mapping" | "headers"> {
  /** The request's body. `payload` is read from here: only the text has every digit of its numbers. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface SourceRpc {
  createSource(id: string, source: NewSource): Promise<Outcome<CreatedSource>>;
  listSources(page: PageQuery): Promise<Outcome<Page<SourceView>>>;
  getSource(id: string): Promise<Outcome<SourceView>>;
  updateSource(id: string, patch: SourcePatch): Promise<Outcome<SourceView>>;
  deleteSource(id: string): Promise<Outcome<null>>;
  rotateSource(id: string, rotation: Rotation): Promise<Outcome<CreatedSource>>;
  tryPayload(id: string, trial: Trial, examplesQuota: number): Promise<Outcome<DryRunResult>>;
  /** Verifies, names, maps and checks a delivery. Only what is signed gets as far as an answer, or as being embedded. */
  openDelivery(source: string, request: HookRequest, examplesQuota: number): Promise<Outcome<OpenedDelivery>>;
  /** The same with a payload that failed and was kept. */
  reopenDelivery(source: string, delivery: string, examplesQuota: number): Promise<Outcome<OpenedDelivery>>;
  /** The delivery and its effect in one transaction; or nothing, naming the features that the request should have brought. */
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
