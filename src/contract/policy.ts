// Decides when a head trains by itself, and when a new version becomes live.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { body, headPath, json, problems, security } from "./common.ts";
import { promotion, recipeName, recipeOptions } from "./recipes.ts";

const seconds = (least: number) => z.number().min(least).max(LIMITS.policySeconds);
const timeOfDay = boundedString(LIMITS.timeChars).regex(
  /^([01]\d|2[0-3]):[0-5]\d$/,
  "must be a time of day, from 00:00 to 23:59",
);

const quietHours = z
  .strictObject({
    from: timeOfDay,
    to: timeOfDay,
    utc_offset_minutes: z
      .int()
      .min(-720)
      .max(840)
      .optional()
      .openapi({ description: "Offset of the local time; default 0" }),
  })
  .refine(({ from, to }) => from !== to, "must have different start and end times");
export type QuietHours = z.infer<typeof quietHours>;

export const policy = z
  .strictObject({
    min_new_examples: z.int().min(1).max(LIMITS.policyExamples).optional().openapi({
      description: "Train once this many examples have been added, changed or deleted since the last training",
    }),
    debounce_seconds: seconds(0).optional().openapi({
      description:
        "Wait until nothing has changed for this long, but at most 60 times as long (or `max_age_seconds`); default 5. Trainings by webhooks also wait, except the first",
    }),
    max_age_seconds: seconds(1).optional().openapi({
      description: "Train at most this long after the first change, even if there are few changes",
    }),
    on_drift: z.boolean().optional().openapi({ description: "Train when inputs or scores have drifted" }),
    quiet_hours: quietHours.optional().openapi({ description: "Daily hours in which trainings of the policy wait" }),
    recipe: recipeName.optional().openapi({ description: "Default recipe of jobs; default `auto`" }),
    options: recipeOptions.optional(),
    promote: promotion.default("if_better"),
    metric: z.enum(["log_loss", "accuracy", "macro_f1"]).default("log_loss").openapi({
      description: "The metric that `if_better` compares, on examples that neither version was fitted on",
    }),
    min_metric: z.number().min(0).optional().openapi({
      description:
        "The worst value of `metric` with which `if_better` lets a version go live: a minimum for accuracy and macro_f1, a maximum for log_loss. For a regression, a maximum for rmse. For a multilabel head, accuracy is that of whole sets",
    }),
    min_gain: z.number().min(0).optional().openapi({
      description: "How much better, in units of the metric, a version must be to go live; default: any gain",
    }),
  })
  .openapi("Policy");
export type Policy = z.infer<typeof policy>;
/** The policy as the caller gives it. Omitted fields get the defaults of a new head. */
export type NewPolicy = z.input<typeof policy>;

const all = { tags: ["Heads"], security, path: "/v1/heads/{head}/policy" };

export const getPolicy = createRoute({
  ...all,
  method: "get",
  operationId: "getPolicy",
  summary: "Show the policy: when the head trains by itself, and when a new version goes live",
  request: { params: headPath },
  responses: { 200: json(() => policy, "The policy"), ...problems },
});

export const setPolicy = createRoute({
  ...all,
  method: "put",
  operationId: "setPolicy",
  summary:
    "Replace the policy. Nothing trains by itself without `min_new_examples`, `max_age_seconds` or `on_drift`. Omitted fields get the defaults of a new head",
  request: { params: headPath, body: body(policy) },
  responses: { 200: json(() => policy, "The new policy"), ...problems },
});
