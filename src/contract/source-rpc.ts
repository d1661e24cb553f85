// What a head's object offers for its sources: the records of them, and deliveries in two steps, with the embedding between.
import type { Outcome } from "../core/problems.ts";
import type { Page, PageQuery } from "./common.ts";
import type { DeliveryAnswer, DeliveryDetail, DeliveryQuery, DeliveryView } from "./deliveries.ts";
import type { RowProblem } from "./inputs.ts";
import type { Mapped, MappedRow } from "./mapping.ts";
import type { FeaturesMissing, HeadConfig, NewExample, NewFeatures } from "./rpc.ts";
import type { CreatedSource, DryRun, NewSource, Rotation, SourcePatch, SourceView } from "./sources.ts";

/** A delivery as it came. */
export interface HookRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What embedding must know of the head. */
export type HeadOfRow = Pick<HeadConfig, "task" | "backbone">;

/** Done with; or an example that is to be embedded and committed. */
export type OpenedDelivery =
  | { readonly answer: DeliveryAnswer }
  | { readonly delivery: string; readonly row: MappedRow; readonly head: HeadOfRow };

export interface DeliveryCommit {
  readonly delivery: string;
  /** The example, or what is wrong with the row. */
  readonly example: NewExample | RowProblem;
  readonly features: NewFeatures;
  readonly examplesQuota: number;
  /** Kept if the delivery fails; null: what was kept stays. */
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** What a payload would come to. */
export interface TriedPayload {
  readonly mapped: Mapped;
  /** Of the examples that it would delete, those that are there. */
  readonly there: readonly string[];
  readonly head: HeadOfRow;
  readonly action: NewSource["action"];
}

export interface ExamplePreview {
  readonly outcome: "added" | "updated" | "unchanged" | "rejected";
  readonly reason: RowProblem | null;
}

export interface SourceRpc {
  createSource(id: string, source: NewSource): Promise<Outcome<CreatedSource>>;
  listSources(page: PageQuery): Promise<Outcome<Page<SourceView>>>;
  getSource(id: string): Promise<Outcome<SourceView>>;
  updateSource(id: string, patch: SourcePatch): Promise<Outcome<SourceView>>;
  deleteSource(id: string): Promise<Outcome<null>>;
  rotateSource(id: string, rotation: Rotation): Promise<Outcome<CreatedSource>>;
  tryPayload(id: string, dryRun: DryRun): Promise<Outcome<TriedPayload>>;
  previewExample(example: NewExample, examplesQuota: number): Promise<Outcome<ExamplePreview>>;
  /** Verifies, names and maps a delivery. Only what is signed gets as far as an answer. */
  openDelivery(source: string, request: HookRequest): Promise<Outcome<OpenedDelivery>>;
  /** The same with a payload that failed and was kept. */
  reopenDelivery(source: string, delivery: string): Promise<Outcome<OpenedDelivery>>;
  /** The delivery and its effect in one transaction; or nothing, naming the features that the request should have brought. */
  commitDelivery(source: string, commit: DeliveryCommit): Promise<Outcome<DeliveryAnswer | FeaturesMissing>>;
  listDeliveries(source: string, query: DeliveryQuery): Promise<Outcome<Page<DeliveryView>>>;
  getDelivery(source: string, delivery: string): Promise<Outcome<DeliveryDetail>>;
  redactDelivery(source: string, delivery: string): Promise<Outcome<DeliveryView>>;
}
