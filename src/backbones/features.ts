// Bring your own vectors: the feature is the input.
import type { FeaturesInput } from "../contract/inputs/features.ts";
import { LIMITS } from "../core/limits.ts";
import type { Backbone } from "./backbone.ts";

export const features: Backbone<FeaturesInput> = {
  id: "features",
  modality: "features",
  dimension: null,
  shape: "vector",
  revision: "1",
  older: [],
  description: `Your own vectors, 1 to ${LIMITS.dimensions} numbers each`,
  recipe: { normalisation: "none" },
  embed: async (inputs, dimension) => ({ values: joined(inputs, dimension), tokens: null }),
};

function joined(inputs: readonly FeaturesInput[], dimension: number): Float32Array {
  const [first] = inputs;
  if (first && inputs.length === 1) return first.vector;
  const rows = new Float32Array(inputs.length * dimension);
  inputs.forEach(({ vector }, i) => {
    rows.set(vector, i * dimension);
  });
  return rows;
}
