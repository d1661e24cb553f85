// Embeds the inputs of a prediction with the backbone revision of the answering version. Only used for heads with versions of
// older revisions; other heads embed without knowing the version.
import type { ParsedInput } from "../../backbones/backbone.ts";
import { BACKBONE_BY_ID, olderBackbone } from "../../backbones/registry.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import type { ServingState } from "../../contract/serving-rpc.ts";
import { turnLoop } from "../../core/turns.ts";
import { chooseVersion, type Question, revisionFor, versionWithoutFeatures } from "../../serving/answer.ts";

/** The inputs' features, made by the revision of the version that will answer. */
export async function questionOf(
  state: ServingState,
  inputs: readonly ParsedInput[],
  options: PredictOptions,
): Promise<Question> {
  const version = versionWithoutFeatures(state, options);
  if (version !== null) return { features: await embedFor(state, version, inputs), options };
  const features = await embedFor(state, null, inputs);
  const chosen = chooseVersion(state, { features, options });
  if (revisionFor(state, chosen) === null) return { features, options };
  return { features: await embedFor(state, chosen, inputs), options: { ...options, version: chosen } };
}

/** Features by the revision of a version; null: by the newest. */
export function embedFor(
  state: ServingState,
  version: number | null,
  inputs: readonly ParsedInput[],
): Promise<Float32Array> {
  const { id, dimension } = state.backbone;
  const revision = version === null ? null : revisionFor(state, version);
  const backbone = revision === null ? BACKBONE_BY_ID[id] : olderBackbone(id, revision);
  return backbone.embed(inputs, dimension, turnLoop);
}
