// Bring your own vectors: the feature is the input.
import type { RowProblem } from "../contract/inputs.ts";
import { bytesOf, fromBase64, toFloat32 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Backbone, ParsedInput } from "./backbone.ts";
import { wrongModality } from "./modality.ts";

export const features: Backbone = {
  id: "features",
  modality: "features",
  dimension: null,
  revision: "1",
  description: `Your own vectors, 1 to ${LIMITS.dimensions} numbers each`,
  recipe: { normalisation: "none" },
  parse: (input, dimension) =>
    wrongModality(input, "features") ?? parseVector(input.features as number[] | string, dimension),
  embed: async (inputs) => inputs.map(({ features: vector }) => vector as Float32Array),
};

function parseVector(value: readonly number[] | string, dimension: number): ParsedInput | RowProblem {
  const vector = typeof value === "string" ? fromText(value) : Float32Array.from(value);
  if (!vector) return problem("features as text must be base64 of little-endian float32 values");
  if (vector.length !== dimension) return problem(`expected ${dimension} numbers, got ${vector.length}`);
  const bad = vector.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) return problem(`number ${bad} is not finite as a float32`);
  // One zero: −0 and 0 are equal numbers and must have one digest.
  for (let i = 0; i < vector.length; i++) if (vector[i] === 0) vector[i] = 0;
  return { bytes: bytesOf(vector), text: null, features: vector };
}

function fromText(value: string): Float32Array | null {
  const bytes = fromBase64(value);
  return bytes && bytes.byteLength % 4 === 0 ? toFloat32(bytes) : null;
}

const problem = (detail: string): RowProblem => ({ code: "invalid_input", detail, pointer: "/features" });
