// Heads: one small trained layer per task of a tenant, on one backbone.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { backboneId } from "./backbones.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { captureRule } from "./capture-rule.ts";
import {
  body,
  headPath,
  json,
  type Later,
  later,
  newSlug,
  pageOf,
  pageQuery,
  problems,
  security,
  slug,
  time,
} from "./common.ts";
import { label } from "./labels.ts";
import { policy } from "./policy.ts";
import { TASKS } from "./tasks.ts";
import { warning } from "./warnings.ts";

const keepVersions = z.int().min(1).max(LIMITS.keepVersionsMax).nullable().optional();

const keepInputs = z.boolean().optional();

export const newHead = z.strictObject({
  id: newSlug,
  task: z.enum(TASKS),
  backbone: backboneId,
  dimension: z.int().min(1).max(LIMITS.dimensions).optional(),
  labels: boundedArray(label, LIMITS.labelsPerHead)
    .min(2)
    .optional()
    .openapi({ description: "Fixes the labels. If absent, labels come from the examples. Not for regression" }),
  description: boundedString(LIMITS.descriptionChars).optional(),
  keep_inputs: keepInputs.openapi({
    description:
      "Default true. false: only features and digests of inputs are stored, no texts and no files. Such a head is not searched (`q`), cannot be exported with its inputs, keeps no captures and no prediction log, cannot change its backbone, stays at its backbone's revision, and cannot train layers below the head",
  }),
  keep_versions: keepVersions.openapi({
    description: `How many of the newest versions are kept; default ${LIMITS.keepVersionsDefault}; null keeps all. Live and shadow versions, and those that a rollback can restore, are kept in addition`,
  }),
});
export type NewHead = z.infer<typeof newHead>;

export const head = later(() =>
  z
    .object({
      id: slug,
      task: z.enum(TASKS),
      backbone: z
        .object({ id: backboneId, identity: z.string(), dimension: z.int() })
        .openapi({ description: "The newest revision. Each version states the revision that made its features" }),
      labels: z.array(z.string()).openapi({ description: "Empty for regression" }),
      label_collisions: z.array(z.array(z.string())).openapi({
        description:
          "Labels that were stored before labels were trimmed and normalised (NFC), and are now equal: in each group, relabel the examples of all but one",
      }),
      description: z.string().nullable(),
      examples: z.object({
        total: z.int(),
        pending: z.int().openapi({
          description:
            "Inputs that wait to be embedded: they came while the backbone was away, or have features of an older revision of it",
        }),
        by_label: z
          .record(z.string(), z.int())
          .openapi({ description: "Multilabel: an example counts for each of its labels. Regression: empty" }),
      }),
      size: z
        .object({
          labels: z.int(),
          most_labels: z.int().openapi({ description: "Most labels that a head of its dimension can be trained on" }),
          parameters: z.int().openapi({ description: "Weights of a linear head: labels times dimension" }),
          most_parameters: z.int(),
          bytes: z.int().openapi({ description: "Total storage of the head" }),
        })
        .openapi({ description: "Size of the head, and its limits" }),
      trainable: z.boolean().openapi({
        description:
          "Whether a training that leaves out rare labels may begin, judged by the number of examples. A job counts distinct inputs",
      }),
      warnings: z.array(warning()),
      live: z
        .union([
          z.int(),
          z.object({
            version: z.int(),
            split: z.array(z.object({ version: z.int(), weight: z.number() })),
            shadow: z.int().nullable(),
          }),
        ])
        .nullable()
        .openapi({ description: "The version that predictions use, and the split and shadow if there are any" }),
      capture: captureRule.nullable().openapi({ description: "Which predictions are stored for review; null: none" }),
      log_hours: z.int().openapi({ description: "Hours for which feedback can refer to predictions by id; 0: off" }),
      keep_inputs: z
        .boolean()
        .openapi({ description: "Whether texts and files of examples are stored. Features and digests always are" }),
      keep_versions: z.int().nullable().openapi({
        description:
          "How many of the newest versions are kept; null: all, as in heads made before this setting existed",
      }),
      policy,
      backlog: z
        .object({
          changes: z
            .int()
            .openapi({ description: "Examples added, changed or deleted that no version has learnt from" }),
          train_at: time.nullable().openapi({
            description:
              "When the policy will train if nothing else changes; null if it will not, or if the training would be refused",
          }),
          refused: z
            .object({ code: z.string(), detail: z.string(), at: time })
            .nullable()
            .openapi({ description: "Why the last training failed. The next attempt waits for a change" }),
        })
        .openapi({ description: "The state from which the policy decides" }),
      created_at: time,
    })
    .openapi("Head"),
);
export type HeadView = Later<typeof head>;

/** A head in a list. One that cannot be read has only its id and the reason. */
const listedHead = later(() =>
  z.union([
    head(),
    z.object({ id: slug, error: z.object({ code: z.string(), detail: z.string() }) }).openapi("BrokenHead"),
  ]),
);
export type ListedHead = Later<typeof listedHead>;

export const headPatch = z.strictObject({
  description: boundedString(LIMITS.descriptionChars).nullable().optional(),
  keep_versions: keepVersions.openapi({
    description:
      "Keep this many of the newest versions; older ones are deleted soon, except live and shadow versions and those that a rollback can restore. null keeps all",
  }),
  keep_inputs: keepInputs.openapi({
    description:
      "false: soon drops the texts and files of all examples, and stores none for new ones; needs `capture` null and `log_hours` 0. true: stores those of new inputs; dropped ones come back only if they are uploaded again",
  }),
  log_hours: z.int().min(0).max(LIMITS.predictionLogHours).optional().openapi({
    description:
      "Store every prediction for this many hours, so that feedback can refer to it by id; 0, the default, stores none. If there are very many, the oldest are deleted first",
  }),
  capture: captureRule.nullable().optional().openapi({
    description:
      "Store inputs of predictions for review: a share of all, and every one whose best score is lower than `below`; null: none",
  }),
});
export type HeadPatch = z.infer<typeof headPatch>;

const common = { tags: ["Heads"], security };
const one = { ...common, path: "/v1/heads/{head}" };

export const createHead = createRoute({
  ...common,
  method: "post",
  path: "/v1/heads",
  operationId: "createHead",
  summary: "Create a head",
  request: { body: body(newHead) },
  responses: { 201: json(head, "Created"), ...problems },
});

export const listHeads = createRoute({
  ...common,
  method: "get",
  path: "/v1/heads",
  operationId: "listHeads",
  summary: "List heads",
  request: { query: pageQuery },
  responses: {
    200: json(pageOf(listedHead), "A page, by id; a head that cannot be read has only `id` and `error`"),
    ...problems,
  },
});

export const getHead = createRoute({
  ...one,
  method: "get",
  operationId: "getHead",
  summary: "Show a head",
  request: { params: headPath },
  responses: { 200: json(head, "The head"), ...problems },
});

export const updateHead = createRoute({
  ...one,
  method: "patch",
  operationId: "updateHead",
  summary: "Change a head's description, or which predictions and versions it stores",
  request: { params: headPath, body: body(headPatch) },
  responses: { 200: json(head, "The head after the change"), ...problems },
});

export const deleteHead = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteHead",
  summary: "Delete a head with its examples, jobs and versions",
  request: { params: headPath },
  responses: { 204: { description: "Deleted" }, ...problems },
});
