// Versions: immutable trained heads, with their records.
import { createRoute, z } from "@hono/zod-openapi";
import { backboneId } from "./backbones.ts";
import { digits, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { metrics, reliabilityBin, type StoredMetrics } from "./metrics.ts";
import { HEAD_KIND_NAMES, RECIPES, recipeOptions } from "./recipes.ts";

/** How a version was made: the recipe of its job, or an import. */
export const VERSION_RECIPES = [...RECIPES, "import"] as const;

export const thresholdRow = later(() =>
  z.object({ threshold: z.number(), coverage: z.number(), accuracy: z.number().nullable() }).openapi({
    description:
      "Of the held-out examples: the share whose best score reaches the threshold, and the share of those that is right",
  }),
);

const curveFigures = later(() =>
  z.object({ accuracy: z.number().optional(), log_loss: z.number().optional(), rmse: z.number().optional() }),
);

export const learningCurve = later(() =>
  z
    .object({
      points: z.array(curveFigures().extend({ share: z.number(), examples: z.int() })),
      estimate_at_twice: curveFigures()
        .optional()
        .openapi({ description: "Prediction of a power law through the points for twice as many examples" }),
    })
    .openapi({
      description:
        "With the option `learning_curve`: the head fitted on shares of the examples and scored on the same held-out ones. accuracy and log_loss for a classification, log_loss for a multilabel head, rmse for a regression. Absent for an mlp, an update, and a regression judged by leave-one-out",
    }),
);

export const leftOut = later(() =>
  z.object({
    label: z.string(),
    examples: z.int().openapi({ description: "All its examples, including those kept for test" }),
  }),
);
export type LeftOut = Later<typeof leftOut>;

export const version = later(() =>
  z
    .object({
      version: z.int(),
      digest: z.string(),
      job: z.string().nullable().openapi({ description: "null if it was imported" }),
      created_at: time,
      live: z.boolean(),
      recipe: z.object({
        name: z.enum(VERSION_RECIPES),
        options: recipeOptions.optional(),
        kind: z.enum(HEAD_KIND_NAMES),
        base: z.string().optional().openapi({ description: "Digest of the version that an update continued from" }),
        l2: z.number().optional().openapi({ description: "For a linear head: its strength of regularisation" }),
        epochs: z.int().optional().openapi({ description: "For an mlp: the epochs of the final fit" }),
        evaluations: z.int().openapi({ description: "Passes over the examples in the final fit" }),
        path: z
          .array(z.object({ l2: z.number(), log_loss: z.number(), evaluations: z.int() }))
          .openapi({ description: "Strengths tried, each with its loss on held-out examples" }),
      }),
      seed: z.int(),
      backbone: z.object({ id: backboneId, identity: z.string(), dimension: z.int() }),
      dataset: z.object({
        digest: z.string(),
        examples: z.int(),
        labels: z.array(z.string()),
        duplicates_left_out: z.int().optional().openapi({
          description:
            "Examples excluded from training because their features equal those of an example with the split `test` or `validation`, such as the same text with other letter case or white space. They are used for test or validation like that example. Absent if there are none",
        }),
      }),
      left_out: z.array(leftOut()).openapi({
        description:
          "Labels that the version was trained without because they had too few examples. The next version includes them once they have enough",
      }),
      promotion: z.object({ promoted: z.boolean(), unproven: z.boolean(), reason: z.string() }).optional().openapi({
        description:
          "Whether the version went live when its job ended, and why. `unproven`: it went live although fewer than 30 examples were held out, too few to compare it with a constant answer. Absent for an imported version",
      }),
      metrics: z.object({
        validation: metrics(),
        test: metrics().optional().openapi({ description: "Metrics on examples with the split `test`" }),
        baseline: z.object({ accuracy: z.number().optional(), mae: z.number().optional() }).openapi({
          description: "Metrics of a constant answer: the training's most frequent label, or its mean value",
        }),
      }),
      calibration: z
        .object({
          temperature: z.number(),
          ece_before: z.number(),
          ece_after: z.number(),
          reliability: z.array(reliabilityBin()),
          thresholds: z.array(thresholdRow()).optional(),
        })
        .nullable()
        .openapi({ description: "null for a regression" }),
      learning_curve: learningCurve().optional(),
      imported: z.object({ weights: z.string(), digest: z.string(), created_at: time }).optional().openapi({
        description:
          "For an imported version: the digest of its weights, and the digest and time of the exported version. Its recipe, seed, dataset, metrics and calibration are copied from the file",
      }),
    })
    .openapi("Version"),
);
export type VersionView = Later<typeof version>;

export interface StoredVersion extends Omit<VersionView, "metrics"> {
  readonly metrics: {
    readonly validation: StoredMetrics;
    readonly test?: StoredMetrics | undefined;
    readonly baseline: VersionView["metrics"]["baseline"];
  };
}

const promotedVersion = later(() =>
  version().extend({
    replaced: z
      .array(z.object({ version: z.int(), weight: z.number() }))
      .optional()
      .openapi({
        description:
          "The split between several versions that this replaced; `rollback` restores it. Absent if one version, or none, was live",
      }),
  }),
);
export type PromotedVersion = Later<typeof promotedVersion>;

export const verification = later(() =>
  z
    .object({
      version: z.int(),
      digest: z.string(),
      same: z.boolean().nullable().openapi({
        description: "Whether the repeated training had the same digest; null if there was nothing to compare",
      }),
      retrained: z
        .object({ digest: z.string() })
        .optional()
        .openapi({ description: "The result of the repeated training; absent if nothing was trained" }),
      reason: z.enum(["dataset_changed", "not_reproduced", "imported", "base_deleted"]).optional().openapi({
        description:
          "Why `same` is not true. `not_reproduced` (false): the same examples gave another digest, for example after an update of the service that changes training. With the others (null), nothing was trained: `dataset_changed`, the head has other examples now; `imported`, the version was not trained here; `base_deleted`, it is an update of a version that has been deleted",
      }),
    })
    .openapi("Verification"),
);
export type Verification = Later<typeof verification>;

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
  summary: "Show a version. Its metrics are from models that did not see the evaluated examples",
  request: { params: versionPath },
  responses: { 200: json(version, "The version"), ...problems },
});

export const deleteVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}",
  method: "delete",
  operationId: "deleteVersion",
  summary: "Delete a version. Refused for a live version or a shadow: 409 `version_in_use`",
  request: { params: versionPath },
  responses: { 204: { description: "Deleted. A rollback skips it, and its number is not used again" }, ...problems },
});

export const promoteVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}/promote",
  method: "post",
  operationId: "promoteVersion",
  summary: "Make a version live",
  request: { params: versionPath },
  responses: { 200: json(promotedVersion, "Live"), ...problems },
});

export const verifyVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}/verify",
  method: "post",
  operationId: "verifyVersion",
  summary: "Repeat the training of a version in a job that makes no version, and compare the digests",
  request: { params: versionPath },
  responses: {
    200: json(verification, "The verdict, once the job has ended; it is also stored in the job"),
    ...problems,
  },
});
