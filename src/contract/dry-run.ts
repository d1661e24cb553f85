// The dry run of a delivery: a payload to try, and what it would change.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedRecord, boundedString } from "./bounds.ts";
import { type Later, later } from "./common.ts";
import { changes, FAILURES, OUTCOMES, reason } from "./deliveries.ts";
import { HEADER_NAME, mapping } from "./mapping.ts";

export const dryRun = z.strictObject({
  payload: z.unknown().openapi({ description: "The payload as the sender would send it" }),
  headers: boundedRecord(
    boundedString(LIMITS.nameChars).regex(new RegExp(`^${HEADER_NAME}$`), "must be the name of a header"),
    boundedString(LIMITS.deliveryHeaderChars).regex(/^[\t\x20-\x7e]*$/, "must be printable ASCII"),
    LIMITS.headersPerDelivery,
  )
    .optional()
    .openapi({ description: "The headers as the sender would send them", example: { "X-GitHub-Event": "issues" } }),
  mapping: mapping.optional().openapi({ description: "Mapping to try instead of the source's" }),
});
export type DryRun = z.infer<typeof dryRun>;

export const dryRunResult = later(() =>
  z
    .object({
      outcome: z.enum([...OUTCOMES, ...FAILURES]),
      trains: z.boolean().openapi({ description: "Whether it would request a training, which the head may refuse" }),
      examples: z.array(z.record(z.string(), z.unknown())).openapi({
        description: `What the payload would become; the first examples, where their texts are longer than ${LIMITS.dryRunExampleChars} characters together`,
      }),
      deletes: z.array(z.string()).openapi({ description: "Ids of the examples that it would delete" }),
      changes: changes().nullable(),
      reason: reason().nullable(),
    })
    .openapi("DryRun"),
);
export type DryRunResult = Later<typeof dryRunResult>;
