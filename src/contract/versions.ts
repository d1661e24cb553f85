// Versions: immutable trained heads, and what each says of itself.
import { createRoute, z } from "@hono/zod-openapi";
import { BACKBONES } from "./backbones.ts";
import { digits, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { metrics, reliabilityBin, type StoredMetrics } from "./metrics.ts";
import { HEAD_KIND_NAMES, RECIPES, recipeOptions } from "./recipes.ts";

/** How a version came to be: the recipe of its job, or none here. */
export const VERSION_RECIPES = [...RECIPES, "import"] as const;

export const thresholdRow = later(() =>
  z.object({ threshold: z.number(), coverage: z.number(), accuracy: z.number().nullable() }).openapi({
    description:
      "Of the examples held out: the share whose best score reaches the threshold, and how many of those are right",
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
        .openapi({ description: "What a power law through the points comes to at twice as many examples" }),
    })
    .openapi({
      description:
        "Where the option `learning_curve` asked for it: the head fitted on shares of the examples and scored on the same ones held out, accuracy and log_loss of a classification, log_loss of a multilabel head, rmse of a regression. Absent of an mlp, of an update, and of a regression that leave-one-out judged",
    }),
);

export const leftOut = later(() =>
  z.object({
    label: z.string(),
    examples: z.int().openapi({ description: "All it had, those kept for test included" }),
  }),
);
export type LeftOut = Later<typeof leftOut>;

export const version = later(() =>
  z
    .object({
      version: z.int(),
      digest: z.string(),
      job: z.string().nullable().openapi({ description: "null where it was imported" }),
      created_at: time,
      live: z.boolean(),
      recipe: z.object({
        name: z.enum(VERSION_RECIPES),
        options: recipeOptions.optional(),
        kind: z.enum(HEAD_KIND_NAMES),
        base: z.string().optional().openapi({ description: "Digest of the version that an update went on from" }),
        l2: z.number().optional().openapi({ description: "Of a linear head: its strength of regularisation" }),
        epochs: z.int().optional().openapi({ description: "Of an mlp" }),
        evaluations: z.int().openapi({ description: "Passes over the examples that the final fit took" }),
        path: z
          .array(z.object({ l2: z.number(), log_loss: z.number(), evaluations: z.int() }))
          .openapi({ description: "Strengths tried, each with its loss on examples held out" }),
      }),
      seed: z.int(),
      backbone: z.object({ id: z.enum(BACKBONES), identity: z.string(), dimension: z.int() }),
      dataset: z.object({
        digest: z.string(),
        examples: z.int(),
        labels: z.array(z.string()),
        duplicates_left_out: z.int().optional().openapi({
          description:
            "Examples kept out of training because their features equal those of an example with the split `test` or `validation`, such as the same text in other letters or with other blanks: they are kept for test, or validated on, with it. Absent where there are none",
        }),
      }),
      left_out: z.array(leftOut()).openapi({
        description:
          "Labels that the version was trained without, since they had too few examples; they are back in the next version once they have enough",
      }),
      promotion: z.object({ promoted: z.boolean(), unproven: z.boolean(), reason: z.string() }).optional().openapi({
        description:
          "Whether the version went live when its job ended, and why. `unproven`: it did though fewer than 30 examples were held out, too few to tell it from a constant answer. Absent of an imported version",
      }),
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
      learning_curve: learningCurve().optional(),
      imported: z.object({ weights: z.string(), digest: z.string(), created_at: time }).optional().openapi({
        description:
          "Of an imported version: the digest of its weights, and digest and time of the version that its file is of. Its recipe, seed, dataset, metrics and calibration are what the file says",
      }),
    })
    .openapi("Version"),
);
export type VersionView = Later<typeof version>;

/** The same as a head stores it. */
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
          "The split between several versions that this ended; `rollback` restores it. Absent where one version, or none, was live",
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
        description: "Whether the training came to the same digest; null where there was nothing to compare",
      }),
      retrained: z
        .object({ digest: z.string() })
        .optional()
        .openapi({ description: "What came out; absent where nothing was trained" }),
      reason: z.enum(["dataset_changed", "not_reproduced", "imported", "base_deleted"]).optional().openapi({
        description:
          "Why `same` is not true. `not_reproduced` (false): the same examples came to another digest, as they do after an update of the service that changes training. The others (null), of which nothing was trained: `dataset_changed`, the head has other examples now; `imported`, the version was not trained here; `base_deleted`, it is an update of a version that was deleted since",
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
  summary: "Show a version. Metrics are of a model that did not see the examples they are on",
  request: { params: versionPath },
  responses: { 200: json(version, "The version"), ...problems },
});

export const deleteVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}",
  method: "delete",
  operationId: "deleteVersion",
  summary: "Delete a version. One that answers predictions or is the shadow is refused: 409 `version_in_use`",
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
  summary: "Train again as a version was, in a job that makes none, and answer whether its digest is the same",
  request: { params: versionPath },
  responses: { 200: json(verification, "The verdict, once the job has ended; the job keeps it"), ...problems },
});
