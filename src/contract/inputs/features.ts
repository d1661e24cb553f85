// Vectors of the caller's own. The feature is the input.
import { z } from "@hono/zod-openapi";
import { bytesOf, fromBase64, toBase64, toFloat32 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { boundedArray, boundedString } from "../bounds.ts";
import type { RowProblem } from "../row-problem.ts";
import { hasOnly, type InputKind, problemWith } from "./kind.ts";

export interface FeaturesInput {
  readonly modality: "features";
  /** [dimension] */
  readonly vector: Float32Array;
}

interface Given {
  readonly features: readonly number[] | string | Float32Array;
}

const schema = z
  .union(
    [boundedArray(z.number(), LIMITS.dimensions), boundedString(LIMITS.vectorChars)],
    `must be an array of finite numbers, ${LIMITS.dimensions} at most, or base64 of as many little-endian float32`,
  )
  .optional()
  .openapi({ description: "numbers, or base64 of little-endian float32" });

export const features = {
  fields: { features: schema },
  form: "feature",
  mappedAs: "json",
  requestBytes: LIMITS.predictBodyBytes,
  jsonBytes: LIMITS.lineBytes,
  isPlain: (value) => hasOnly(value, "features", isNumbers),
  parse: ({ features: given }, dimension): FeaturesInput | RowProblem => {
    const vector = vectorOf(given);
    return vector
      ? parseVector(vector, dimension)
      : problemWith("features", "features as text must be base64 of little-endian float32 values");
  },
  digested: ({ vector }) => bytesOf(vector),
  written: ({ vector }) => ({ features: toBase64(bytesOf(vector)) }),
  stored: () => ({ form: "feature" }),
  restored: (_, feature) => ({ modality: "features", vector: feature }),
} as const satisfies InputKind<Given, FeaturesInput>;

/** A vector as an input. `vector` is kept, and its zeros are normalised in place. */
export function parseVector(vector: Float32Array, dimension: number): FeaturesInput | RowProblem {
  if (vector.length !== dimension)
    return problemWith("features", `expected ${dimension} numbers, got ${vector.length}`);
  let bad = -1;
  for (let i = 0; i < dimension; i++) {
    const number = vector[i] as number;
    if (number === 0) vector[i] = 0; // one zero: −0 and 0 are equal numbers and must have one digest
    if (number - number !== 0 && bad < 0) bad = i; // not finite; takes a tenth of the time of Number.isFinite
  }
  if (bad >= 0) return problemWith("features", `number ${bad} is not finite as a float32`);
  return { modality: "features", vector };
}

function isNumbers(field: unknown): boolean {
  if (!Array.isArray(field) || field.length > LIMITS.dimensions) return false;
  for (const number of field) if (typeof number !== "number") return false;
  return true;
}

function vectorOf(given: Given["features"]): Float32Array | null {
  if (typeof given === "string") return vectorOfText(given);
  // A loop over the elements could make V8 box all numbers first.
  return given instanceof Float32Array ? given : new Float32Array(given);
}

function vectorOfText(given: string): Float32Array | null {
  const bytes = fromBase64(given);
  return bytes && bytes.byteLength % 4 === 0 ? toFloat32(bytes) : null;
}
