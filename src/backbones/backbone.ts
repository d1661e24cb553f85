// Defines a backbone: a frozen function from an input to a feature, with an identity that its features carry.
import type { BackboneView } from "../contract/backbones.ts";
import type { ParsedInput } from "../contract/inputs.ts";
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/json-text.ts";
import type { MemoryBudget } from "../core/memory-budget.ts";
import { Fault } from "../core/problems.ts";
import type { Turns } from "../core/turns.ts";

/** The means by which a backbone loads its weights. */
export interface BackboneContext {
  /** Files of this deployment. */
  readonly assets: Fetcher;
  /** Files of the operator's own backbones; null: this deployment has none. */
  readonly bucket: R2Bucket | null;
  readonly fetch: typeof fetch;
  /** Reserve the bytes that stay loaded from this budget. */
  readonly memory: MemoryBudget;
}

/** The features of several inputs, one after another, as rows of `dimension` numbers. */
export interface FeatureRows {
  /** [rows][dimension] */
  readonly values: Float32Array;
  /** The number of rows of each input, for the shape `tokens`; null: one row each. */
  readonly tokens: readonly number[] | null;
  /** Whether only a part of each input was read, because it is too long; absent: all were read. */
  readonly truncated?: readonly boolean[];
}

/** Only features of the shape `vector` can be stored yet: heads are not created on a backbone of the shape `tokens`. */
export interface Backbone<Own extends ParsedInput = ParsedInput> extends Omit<BackboneView, "state"> {
  /** The kind of its inputs. */
  readonly modality: Own["modality"];
  /** Everything except the dimension that decides the bits of a feature. The identity digests it. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** Earlier revisions. Versions that were trained on one keep using it. */
  readonly older: readonly Backbone<Own>[];
  /**
   * The features of inputs, in order. Awaits `turns` after every few milliseconds of counted work; never for a few short inputs.
   * Rejects with `BackboneAway` where the backbone cannot be reached now.
   */
  embed(inputs: readonly Own[], dimension: number, turns?: Turns): Promise<FeatureRows>;
}

/**
 * Thrown by `embed` if the weights or the service of a backbone cannot be reached now, or if the backbone is not registered. A
 * prediction answers with this fault. An upload stores its inputs, and the head embeds them later.
 */
export class BackboneAway extends Fault {
  /** `retryAfterSeconds`: when it may be back, if that is known. */
  constructor(reason: string, retryAfterSeconds?: number) {
    super("backbone_unavailable", reason, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}

/**
 * The values of `rows`. Throws unless there are `count`: if one were missing, later inputs would get features of other inputs.
 */
export function valuesOf({ values }: FeatureRows, { id }: Pick<Backbone, "id">, count: number): Float32Array {
  if (values.length !== count) throw new Error(`The backbone "${id}" gave ${values.length} numbers, not ${count}`);
  return values;
}

/** SHA-256 of id, revision, recipe and dimension. Features of different identities must not mix. */
export async function identityOf(backbone: Backbone, dimension: number): Promise<string> {
  const { id, revision, recipe } = backbone;
  return `sha256:${await sha256Hex(utf8(canonicalJson({ id, revision, recipe, dimension })))}`;
}

export function atRevision({ id, older }: Backbone, revision: string): Backbone {
  const found = older.find((one) => one.revision === revision);
  if (!found) throw new Error(`The backbone "${id}" has no older revision "${revision}"`);
  return found;
}

/** The backbone at the revision with this identity. An unknown identity counts as the newest. */
export async function atIdentity(
  newest: Backbone,
  { dimension, identity }: { readonly dimension: number; readonly identity: string },
): Promise<Backbone> {
  const revision = await revisionWith(newest, dimension, identity);
  return revision === null ? newest : atRevision(newest, revision);
}

/** The older revision with this identity; null if the identity is the newest revision's, or unknown. */
export async function revisionWith({ older }: Backbone, dimension: number, identity: string): Promise<string | null> {
  for (const one of older) if ((await identityOf(one, dimension)) === identity) return one.revision;
  return null;
}
