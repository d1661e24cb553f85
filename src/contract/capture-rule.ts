// Which predictions a head stores for review.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";

export const captureRule = z.strictObject({
  rate: z.number().min(0).max(1).default(0).openapi({ description: "Share of all predictions to store" }),
  below: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .openapi({ description: "Store every prediction whose best score is below this" }),
  keep_days: z.int().min(1).max(LIMITS.captureDays).default(30),
});
export type CaptureRule = z.infer<typeof captureRule>;
