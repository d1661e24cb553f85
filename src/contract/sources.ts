// Sources: inbound webhooks of a head. Who signs them and how, what their payloads mean, and what they set off.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedRecord, boundedString } from "./bounds.ts";
import { body, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { changes, FAILURES, OUTCOMES, reason, sourcePath } from "./deliveries.ts";
import { HEADER_NAME, mapping, mappingRule } from "./mapping.ts";
import { hmacOptions, tokenOptions } from "./scheme-options.ts";

export const SCHEMES = ["standard-webhooks", "github", "stripe", "hmac-sha256", "static-token"] as const;
export type SchemeName = (typeof SCHEMES)[number];
export const ACTIONS = ["add", "add_and_train", "train"] as const;
export const PRESETS = ["label-studio", "github-issues", "zendesk", "feedback"] as const;
export type PresetName = (typeof PRESETS)[number];

const secret = boundedString(LIMITS.webhookSecretChars);
const description = boundedString(LIMITS.descriptionChars);

const fromName = boundedString(LIMITS.nameChars).min(1);

const decided = {
  action: z.enum(ACTIONS).openapi({
    description: "add: the payload is an example; add_and_train: and what it changes is trained on; train: only train",
  }),
  mapping: mapping.optional().openapi({ description: "Beside a preset: its fields replace those of the preset" }),
  preset: z.enum(PRESETS).optional(),
  from_name: fromName.optional().openapi({
    description: "Of the preset label-studio: the name of the control to learn from, where a project has several",
  }),
  hmac: hmacOptions.optional().openapi({ description: "Of scheme hmac-sha256" }),
  token: tokenOptions.optional().openapi({ description: "Of scheme static-token" }),
  redact: z.boolean().optional().openapi({ description: "Keep no payload, not even of a delivery that failed" }),
};

export const newSource = z.strictObject({
  scheme: z.enum(SCHEMES).openapi({
    description:
      "How deliveries are verified. static-token is weaker than the others: the secret itself travels in a header, and neither body nor time is signed. Use it only for senders that cannot sign, such as Label Studio",
  }),
  ...decided,
  description: description.optional(),
  secret: secret
    .optional()
    .openapi({ description: "Made here unless given; a public key (whpk_…) where the sender signs with ed25519" }),
});
export type NewSource = z.infer<typeof newSource>;

export const sourcePatch = z.strictObject({
  action: decided.action.optional(),
  mapping: mapping.nullable().optional(),
  preset: decided.preset.nullable(),
  from_name: fromName.nullable().optional(),
  hmac: decided.hmac,
  token: decided.token,
  redact: decided.redact,
  description: description.nullable().optional(),
});
export type SourcePatch = z.infer<typeof sourcePatch>;

export const source = later(() =>
  z
    .object({
      id: z.string(),
      url: z.string().openapi({ description: "Where deliveries are sent to, on this service" }),
      scheme: z.enum(SCHEMES),
      action: z.enum(ACTIONS),
      mapping: z.union([mappingRule, z.array(mappingRule)]).nullable(),
      preset: z.enum(PRESETS).nullable(),
      from_name: z.string().nullable(),
      hmac: hmacOptions.nullable(),
      token: tokenOptions.nullable(),
      redact: z.boolean(),
      description: z.string().nullable(),
      secrets: z
        .array(z.object({ created_at: time, expires_at: time.nullable() }))
        .openapi({ description: "Those that are valid, newest first, without the secrets themselves" }),
      failures_in_a_row: z.int().openapi({
        description: `Verified deliveries that failed since the last that did not; at ${LIMITS.failuresBeforeEvent} the event source.failing is raised. Posts without a valid signature count nowhere here: see /refusals`,
      }),
      last_failure: reason().extend({ at: time }).nullable(),
      created_at: time,
    })
    .openapi("Source"),
);
export type SourceView = Later<typeof source>;

const createdSource = later(() => source().extend({ secret: z.string() }).openapi("NewSource"));
export type CreatedSource = Later<typeof createdSource>;

export const rotation = z.strictObject({
  secret: secret.optional(),
  overlap_seconds: z
    .int()
    .min(0)
    .max(LIMITS.secretOverlapSecondsMax)
    .optional()
    .openapi({ description: "How long the secret before stays valid; a day unless given" }),
});
export type Rotation = z.infer<typeof rotation>;

export const dryRun = z.strictObject({
  payload: z.unknown().openapi({ description: "As the sender would send it" }),
  headers: boundedRecord(
    boundedString(LIMITS.nameChars).regex(new RegExp(`^${HEADER_NAME}$`), "must be the name of a header"),
    boundedString(LIMITS.deliveryHeaderChars).regex(/^[\t\x20-\x7e]*$/, "must be printable ASCII"),
    LIMITS.headersPerDelivery,
  )
    .optional()
    .openapi({ description: "As the sender would send them", example: { "X-GitHub-Event": "issues" } }),
  mapping: mapping.optional().openapi({ description: "To try in place of the source's own" }),
});
export type DryRun = z.infer<typeof dryRun>;

export const dryRunResult = later(() =>
  z
    .object({
      outcome: z.enum([...OUTCOMES, ...FAILURES]),
      trains: z.boolean().openapi({ description: "Whether it would ask for a training, which the head may refuse" }),
      examples: z.array(z.record(z.string(), z.unknown())).openapi({ description: "What the payload would become" }),
      deletes: z.array(z.string()).openapi({ description: "Ids of the examples that it would delete" }),
      changes: changes().nullable(),
      reason: reason().nullable(),
    })
    .openapi("DryRun"),
);
export type DryRunResult = Later<typeof dryRunResult>;

export const refusals = later(() =>
  z
    .object({
      count: z.int().openapi({ description: "Since then; the count begins anew when the head's object is restarted" }),
      since: time.nullable(),
      last: z.object({ code: z.string(), detail: z.string(), at: time }).nullable(),
    })
    .openapi("Refusals"),
);
export type RefusalsView = Later<typeof refusals>;

const common = { tags: ["Webhooks in"], security };
const all = { ...common, path: "/v1/heads/{head}/sources" };
const one = { ...common, path: "/v1/heads/{head}/sources/{id}" };
const shown = { 200: json(source, "The source"), ...problems };

export const createSource = createRoute({
  ...all,
  method: "post",
  operationId: "createSource",
  summary: "Let another service send examples, or start trainings, by signed webhooks",
  request: { params: headPath, body: body(newSource) },
  responses: { 201: json(createdSource, "Made; `secret` is shown this once"), ...problems },
});

export const listSources = createRoute({
  ...all,
  method: "get",
  operationId: "listSources",
  summary: "List sources, without their secrets",
  request: { params: headPath, query: pageQuery },
  responses: { 200: json(pageOf(source), "A page, oldest first"), ...problems },
});

export const getSource = createRoute({
  ...one,
  method: "get",
  operationId: "getSource",
  summary: "Show a source, without its secrets",
  request: { params: sourcePath },
  responses: shown,
});

export const updateSource = createRoute({
  ...one,
  method: "patch",
  operationId: "updateSource",
  summary: "Change what a source's payloads mean or set off; `redact` drops the payloads that were kept",
  request: { params: sourcePath, body: body(sourcePatch) },
  responses: shown,
});

export const deleteSource = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteSource",
  summary: "Forget a source and its deliveries; the examples that it made stay",
  request: { params: sourcePath },
  responses: { 204: { description: "Forgotten" }, ...problems },
});

export const rotateSource = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/rotate",
  method: "post",
  operationId: "rotateSource",
  summary: "Give a source another secret; the one before stays valid for a while",
  request: { params: sourcePath, body: { ...body(rotation), required: false } },
  responses: { 200: json(createdSource, "`secret` is shown this once"), ...problems },
});

export const testSource = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/test",
  method: "post",
  operationId: "testSource",
  summary: "Say what a payload would do, without doing it",
  request: { params: sourcePath, body: body(dryRun) },
  responses: { 200: json(dryRunResult, "What would happen"), ...problems },
});

export const getRefusals = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/refusals",
  method: "get",
  operationId: "getRefusals",
  summary:
    "Count what was posted to a source without a valid signature: a wrong secret shows here, and changes no state",
  request: { params: sourcePath },
  responses: { 200: json(refusals, "The count, and why the last one was refused"), ...problems },
});
