// An input in a request: exactly one of the modalities.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedString } from "./bounds.ts";

export const inputFields = {
  text: boundedString(LIMITS.inputTextChars).optional(),
  image: boundedString(LIMITS.predictMediaBytes)
    .optional()
    .openapi({ description: "base64 or data URL of JPEG, PNG or WebP" }),
  audio: boundedString(LIMITS.predictMediaBytes).optional().openapi({ description: "base64 or data URL of WAV" }),
  features: z
    .union(
      [boundedArray(z.number(), LIMITS.dimensions), boundedString(LIMITS.vectorChars)],
      `must be an array of finite numbers, ${LIMITS.dimensions} at most, or base64 of as many little-endian float32`,
    )
    .optional()
    .openapi({ description: "numbers, or base64 of little-endian float32" }),
};

/** The field with the input. */
export const MODALITIES = ["text", "image", "audio", "features"] as const;
export type Modality = (typeof MODALITIES)[number];

export const input = z.strictObject(inputFields).openapi("Input", {
  description: "Exactly one of the fields, matching the backbone's modality",
  example: { text: "where is my parcel?" },
});
export type Input = z.infer<typeof input>;

/** Why one row, or one of several inputs, was rejected while others were accepted. */
export const ROW_CODES = [
  "invalid_json",
  "invalid_example",
  "invalid_input",
  "invalid_label",
  "invalid_value",
  "unknown_label",
  "too_many_labels",
  "quota_exceeded",
] as const;
export type RowCode = (typeof ROW_CODES)[number];

export interface RowProblem {
  readonly code: RowCode;
  readonly detail: string;
  readonly pointer?: string;
}

export const isProblem = (value: object): value is RowProblem => "code" in value && "detail" in value;
