// Versions: immutable trained heads, and what each says of itself.
import { createRoute, z } from "@hono/zod-openapi";
import { BACKBONES } from "./backbones.ts";
import { digits, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { metrics, reliabilityBin } from "./metrics.ts";
import { HEAD_KIND_NAMES, recipeName, recipeOptions } from "./recipes.ts";

const thresholdRow = later(() =>
  z.object({ threshold: z.number(), coverage: z.number(), accuracy: z.number().nullable() }).openapi({
    description: "Of the examples held out: the share whose best score reaches the threshold, and how many of those are right",
  }),
);

export const version = later(() =>
  z
    .object({
      version: z.int(),
      digest: z.string(),
      job: z.string(),
      created_at: time,
      live: z.boolean(),
      recipe: z.object({
        name: recipeName,
        options: recipeOptions.optional(),
        kind: z.enum(HEAD_KIND_NAMES),
        l2: z.number().optional().openapi({ description: "Of a linear head: its strength of regularisation" }),
        epochs: z.int().optional().openapi({ description: "Of an mlp" }),
        evaluations: z.int().openapi({ description: "Passes over the examples that the final fit took" }),
        path: z
          .array(z.object({ l2: z.number(), log_loss: z.number(), evaluations: z.int() }))
          .openapi({ description: "Strengths tried, each with its loss on examples held out" }),
      }),
      seed: z.int(),
      backbone: z.object({ id: z.enum(BACKBONES), identity: z.string(), dimension: z.int() }),
      dataset: z.object({ digest: z.string(), examples: z.int(), labels: z.array(z.string()) }),
      metrics: z.object({
        validation: metrics(),
        test: metrics().optional().openapi({ description: "On examples given the split `test`" }),
        baseline: z
          .object({ accuracy: z.number().optional(), mae: z.number().optional() })
          .openapi({ description: "Always the most frequent label, or the mean value, of training" }),
      }),
      calibration: z
        .object({
          ...{ temperature: z.number(), ece_before: z.number(), ece_after: z.number() },
          reliability: z.array(reliabilityBin()),
          thresholds: z.array(thresholdRow()).optional(),
        })
        .nullable()
        .openapi({ description: "null for a regression" }),
    })
    .openapi("Version"),
);
export type VersionView = Later<typeof version>;

export const versionPath = headPath.extend({ version: digits(1, Number.MAX_SAFE_INTEGER) });
const common = { tags: ["Versions"], security };

export const listVersions = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions",
  method: "get",
  operationId: "listVersions",
  summary: "List versions",
  request: { params: headPath, query: pageQuery },
  responses: { 200: json(pageOf(version), "A page, newest first"), ...problems },
});

export const getVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}",
  method: "get",
  operationId: "getVersion",
  summary: "Show a version. Metrics are of a model that did not see the examples they are on",
  request: { params: versionPath },
  responses: { 200: json(version, "The version"), ...problems },
});

export const promoteVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}/promote",
  method: "post",
  operationId: "promoteVersion",
  summary: "Make a version live",
  request: { params: versionPath },
  responses: { 200: json(version, "Live"), ...problems },
});
