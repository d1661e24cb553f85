// How a head's answers have been, hour by hour, and whether what it is asked drifts away from what it learnt from.
import { createRoute, z } from "@hono/zod-openapi";
import { headPath, json, type Later, later, problems, security, time } from "./common.ts";

const counts = {
  version: z.int(),
  requests: z.int(),
  predictions: z.int(),
  mean_score: z.number().nullable().openapi({
    description: "Mean of the best scores, as a shadow too; of the values, for a regression; null where there are none",
  }),
  abstentions: z.int(),
};

const versionStats = later(() =>
  z.object({
    ...counts,
    shadow: z
      .object({ predictions: z.int(), agreement: z.number() })
      .nullable()
      .openapi({ description: "Of a shadow: the share of predictions where it says what was answered" }),
  }),
);

const drift = later(() =>
  z
    .object({
      version: z.int(),
      predictions: z.int().openapi({ description: "Whose features were measured, in the last 24 hours" }),
      features: z.number().openapi({
        description:
          "Population stability index, the largest of several measures of the features: 0.25 is a major shift",
      }),
      scores: z.number().nullable().openapi({ description: "The same of the best scores" }),
      labels: z.number().nullable().openapi({ description: "The same of the labels answered" }),
      detected: z.boolean(),
    })
    .openapi("Drift"),
);

const stats = later(() =>
  z
    .object({
      versions: z.array(versionStats()).openapi({ description: "Since each was made" }),
      hours: z
        .array(z.object({ hour: time, ...counts }))
        .openapi({ description: "By hour and version, of the last 7 days, newest first" }),
      drift: drift()
        .nullable()
        .openapi({ description: "Of the live version; null while too little was asked, and where it was imported" }),
    })
    .openapi("Stats"),
);
export type Stats = Later<typeof stats>;

export const getStats = createRoute({
  tags: ["Predict"],
  security,
  method: "get",
  path: "/v1/heads/{head}/stats",
  operationId: "getStats",
  summary: "Count answers by version and hour, and measure drift",
  request: { params: headPath },
  responses: { 200: json(stats, "Counts arrive a second or two after the answers"), ...problems },
});
