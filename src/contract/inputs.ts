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
