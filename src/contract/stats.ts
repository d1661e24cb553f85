// Statistics of a head's answers, by hour, and whether its inputs drift away from its training.
import { createRoute, z } from "@hono/zod-openapi";
import { headPath, json, type Later, later, problems, security, time } from "./common.ts";

const counts = {
  version: z.int(),
  requests: z.int(),
  predictions: z.int(),
  mean_score: z.number().nullable().openapi({
    description: "Mean of the best scores, also as a shadow; of the values, for a regression; null if there are none",
  }),
  abstentions: z.int(),
};

const versionStats = later(() =>
  z.object({
    ...counts,
    shadow: z
      .object({ predictions: z.int(), agreement: z.number() })
      .nullable()
      .openapi({ description: "For a shadow: the share of predictions where it agrees with the answer" }),
  }),
);

const drift = later(() =>
  z
    .object({
      version: z.int(),
      predictions: z.int().openapi({ description: "Predictions of the last 24 hours whose features were measured" }),
      features: z.number().openapi({
        description:
          "Population stability index, the largest of several measures of the features: 0.25 is a major shift",
      }),
      scores: z.number().nullable().openapi({ description: "Population stability index of the best scores" }),
      labels: z.number().nullable().openapi({ description: "Population stability index of the predicted labels" }),
      detected: z.boolean(),
    })
    .openapi("Drift"),
);

const stats = later(() =>
  z
    .object({
      versions: z.array(versionStats()).openapi({ description: "Counts of each version since its creation" }),
      hours: z
        .array(z.object({ hour: time, ...counts }))
        .openapi({ description: "Counts by hour and version, for the last 7 days, newest first" }),
      drift: drift().nullable().openapi({
        description:
          "Drift of the live version's inputs and answers; null if there were too few predictions, or if it was imported",
      }),
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
