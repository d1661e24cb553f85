// What a head's object offers for its sources: the records of them, and deliveries in two steps, with the embedding between.
import type { Outcome } from "../core/problems.ts";
import type { Page, PageQuery } from "./common.ts";
import type { DeliveryAnswer, DeliveryDetail, DeliveryQuery, DeliveryView } from "./deliveries.ts";
import type { Input } from "./inputs.ts";
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

/** An example whose input is to be embedded before it is committed. */
export interface UnembeddedDelivery {
  readonly delivery: string;
  /** Digest of what was signed. */
  readonly signed: string | null;
  readonly example: NewExample;
  readonly input: Input;
  readonly backbone: HeadConfig["backbone"];
}

/** Done with, or to be embedded. */
export type OpenedDelivery = { readonly answer: DeliveryAnswer } | UnembeddedDelivery;

export interface DeliveryCommit {
  readonly delivery: string;
  readonly signed: string | null;
  readonly example: NewExample;
  readonly features: NewFeatures;
  /** Kept if the delivery fails; null: what was kept stays. */
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export interface SourceRpc {
  createSource(id: string, source: NewSource): Promise<Outcome<CreatedSource>>;
  listSources(page: PageQuery): Promise<Outcome<Page<SourceView>>>;
  getSource(id: string): Promise<Outcome<SourceView>>;
  updateSource(id: string, patch: SourcePatch): Promise<Outcome<SourceView>>;
  deleteSource(id: string): Promise<Outcome<null>>;
  rotateSource(id: string, rotation: Rotation): Promise<Outcome<CreatedSource>>;
  tryPayload(id: string, dryRun: DryRun, examplesQuota: number): Promise<Outcome<DryRunResult>>;
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
