// Embeds the inputs of a prediction with the backbone revision of the answering version. Only used for heads with versions of
// older revisions; other heads embed without knowing the version.
import { atRevision, type FeatureRows, valuesOf } from "../../backbones/backbone.ts";
import type { ParsedInput } from "../../contract/inputs.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import { Turns } from "../../core/turns.ts";
import { chooseVersion, type Question, revisionFor, versionWithoutFeatures } from "../../serving/answer.ts";
import type { OpenHead } from "./open-head.ts";

type EmbeddingHead = Pick<OpenHead, "state" | "backbone">;

/** The inputs' features, made by the revision of the version that will answer. */
export async function questionOf(
  head: EmbeddingHead,
  inputs: readonly ParsedInput[],
  options: PredictOptions,
): Promise<Question> {
  const { state } = head;
  const version = versionWithoutFeatures(state, options);
  if (version !== null) return { features: await embedFor(head, version, inputs), options };
  const features = await embedFor(head, null, inputs);
  const chosen = chooseVersion(state, { features, options });
  if (revisionFor(state, chosen) === null) return { features, options };
  return { features: await embedFor(head, chosen, inputs), options: { ...options, version: chosen } };
}

/** The features of `count` inputs, by the newest revision. */
export const featuresIn = (rows: FeatureRows, { state, backbone }: EmbeddingHead, count: number): Float32Array =>
  valuesOf(rows, backbone, count * state.backbone.dimension);

/** Features by the revision of a version; null: by the newest. */
export async function embedFor(
  { state, backbone }: EmbeddingHead,
  version: number | null,
  inputs: readonly ParsedInput[],
): Promise<Float32Array> {
  const revision = version === null ? null : revisionFor(state, version);
  const embedding = revision === null ? backbone : atRevision(backbone, revision);
  const { dimension } = state.backbone;
  return valuesOf(await embedding.embed(inputs, dimension, new Turns()), embedding, inputs.length * dimension);
}
