// Jobs: training runs, started by a caller, the policy or a webhook, each with a stream of events.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import {
  body,
  headPath,
  json,
  type Later,
  later,
  laterContent,
  pageOf,
  pageQuery,
  problem,
  problems,
  security,
  time,
} from "./common.ts";
import { promotion, RARE_LABELS, recipeName, recipeOptions } from "./recipes.ts";
import { verification } from "./versions.ts";

export const JOB_STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const isTerminal = (status: JobStatus): boolean => status !== "queued" && status !== "running";

export const newJob = z.strictObject({
  recipe: recipeName.optional().openapi({
    description:
      "`auto` chooses between a linear head and one with a hidden layer; `update` continues from the live version, which learns new examples and labels in a few passes",
  }),
  seed: z.int().min(0).max(0xffffffff).optional(),
  options: recipeOptions.optional(),
  promote: promotion.optional(),
  rare_labels: z.enum(RARE_LABELS).optional().openapi({
    description:
      "Labels with fewer than 2 different inputs to train on: `refuse`, the default, responds 422 `not_enough_examples`; `leave_out` trains without them, as the policy and webhooks do, and the version lists them in `left_out`",
  }),
});
export type NewJob = z.infer<typeof newJob>;

export const job = later(() =>
  z
    .object({
      id: z.string(),
      status: z.enum(JOB_STATUSES),
      phase: z.string().openapi({
        description: "What the job does now. `embedding`: the training begins once no input of the head is pending",
      }),
      progress: z.number().min(0).max(1),
      trigger: z.object({ kind: z.enum(["api", "policy", "webhook"]) }),
      recipe: recipeName,
      seed: z.int(),
      version: z.int().nullable(),
      verify: z
        .int()
        .optional()
        .openapi({ description: "The version that the job verifies. Such a job makes no version" }),
      verification: verification().optional().openapi({ description: "The result of the verification" }),
      error: problem().omit({ request_id: true }).nullable(),
      created_at: time,
      started_at: time.nullable(),
      finished_at: time.nullable(),
    })
    .openapi("Job"),
);
export type JobView = Later<typeof job>;

export const JOB_EVENT_TYPES = ["progress", "metrics", "message", "succeeded", "failed", "cancelled"] as const;
export type JobEventType = (typeof JOB_EVENT_TYPES)[number];
export const jobEvent = later(() =>
  z
    .object({ id: z.int(), type: z.enum(JOB_EVENT_TYPES), data: z.record(z.string(), z.unknown()), created_at: time })
    .openapi("JobEvent"),
);
export type JobEvent = Later<typeof jobEvent>;

export const jobPath = headPath.extend({ job: boundedString(LIMITS.madeIdChars) });
const common = { tags: ["Jobs"], security };
const all = { ...common, path: "/v1/heads/{head}/jobs" };

export const startJob = createRoute({
  ...all,
  method: "post",
  operationId: "startJob",
  summary: "Train a new version",
  request: { params: headPath, body: { ...body(newJob), required: false } },
  responses: { 202: json(job, "Queued; `Location` names it"), ...problems },
});

export const listJobs = createRoute({
  ...all,
  method: "get",
  operationId: "listJobs",
  summary: "List jobs",
  request: { params: headPath, query: pageQuery },
  responses: { 200: json(pageOf(job), "A page, newest first"), ...problems },
});

export const getJob = createRoute({
  ...common,
  path: "/v1/heads/{head}/jobs/{job}",
  method: "get",
  operationId: "getJob",
  summary: "Show a job",
  request: { params: jobPath },
  responses: { 200: json(job, "The job"), ...problems },
});

export const cancelJob = createRoute({
  ...common,
  path: "/v1/heads/{head}/jobs/{job}/cancel",
  method: "post",
  operationId: "cancelJob",
  summary: "Cancel a queued or running job",
  request: { params: jobPath },
  responses: { 200: json(job, "Cancelled"), ...problems },
});

export const watchJob = createRoute({
  ...common,
  path: "/v1/heads/{head}/jobs/{job}/events",
  method: "get",
  operationId: "watchJob",
  summary: "Watch a job: Server-Sent Events until it ends, or a JSON list of the events so far",
  request: { params: jobPath, query: pageQuery },
  responses: {
    200: {
      description: "`Accept: text/event-stream` streams, and `Last-Event-ID` resumes; other requests get a list",
      content: {
        "text/event-stream": { schema: z.string() },
        "application/json": laterContent(pageOf(jobEvent)),
      },
    },
    ...problems,
  },
});
