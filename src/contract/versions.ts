// Versions: immutable trained heads, and what each says of itself.
import { createRoute, z } from "@hono/zod-openapi";
import { BACKBONES } from "./backbones.ts";
import { digits, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { recipeName } from "./recipes.ts";

const labelMetrics = later(() =>
  z.object({
    label: z.string(),
    precision: z.number(),
    recall: z.number(),
    f1: z.number(),
    support: z.int(),
  }),
);
export type LabelMetrics = Later<typeof labelMetrics>;

export const classificationMetrics = later(() =>
  z
    .object({
      examples: z.int(),
      accuracy: z.number(),
      balanced_accuracy: z.number(),
      macro_f1: z.number(),
      log_loss: z.number(),
      ece: z.number(),
      per_label: z.array(labelMetrics()),
      confusion: z.object({ labels: z.array(z.string()), matrix: z.array(z.array(z.int())) }),
    })
    .openapi("ClassificationMetrics"),
);
export type ClassificationMetrics = Later<typeof classificationMetrics>;

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
        kind: z.literal("linear"),
        l2: z.number(),
        evaluations: z.int().openapi({ description: "Passes over the examples that the final fit took" }),
        path: z.array(z.object({ l2: z.number(), log_loss: z.number(), evaluations: z.int() })),
      }),
      seed: z.int(),
      backbone: z.object({ id: z.enum(BACKBONES), identity: z.string(), dimension: z.int() }),
      dataset: z.object({ digest: z.string(), examples: z.int(), labels: z.array(z.string()) }),
      metrics: z.object({
        validation: classificationMetrics(),
        test: classificationMetrics().optional().openapi({ description: "On examples given the split `test`" }),
        baseline: z
          .object({ accuracy: z.number() })
          .openapi({ description: "Always the most frequent label of training" }),
      }),
      calibration: z.object({ temperature: z.number(), ece_before: z.number(), ece_after: z.number() }),
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
