// Warnings about what will stop a training of a head, shown on uploads and on the head instead of only after all examples are
// uploaded.
import { z } from "@hono/zod-openapi";
import { type Later, later } from "./common.ts";

export const WARNING_CODES = ["not_enough_examples", "rare_labels", "head_too_large", "quota_exceeded"] as const;

export const warning = later(() =>
  z
    .object({
      code: z.enum(WARNING_CODES).openapi({
        description:
          "`not_enough_examples`: no training can begin yet; `rare_labels`: some labels have too few examples to be learnt; `head_too_large`: labels times dimension exceed the limit of weights; `quota_exceeded`: the tenant's storage, or its training time of today, is used up",
      }),
      detail: z.string(),
    })
    .openapi("Warning"),
);
export type Warning = Later<typeof warning>;
