// Sources: inbound webhooks of a head. Their signatures, the meaning of their payloads, and what they start.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { body, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { reason, sourcePath } from "./deliveries.ts";
import { dryRun, dryRunResult } from "./dry-run.ts";
import { mapping, mappingRule } from "./mapping.ts";
import { hmacOptions, tokenOptions } from "./scheme-options.ts";

/** The name of a signature scheme. `src/webhooks/schemes/registry.ts` decides which names exist. */
const schemeName = boundedString(LIMITS.slugChars);
export type SchemeName = z.infer<typeof schemeName>;
export const ACTIONS = ["add", "add_and_train", "train"] as const;
export const PRESETS = ["label-studio", "github-issues", "zendesk", "feedback"] as const;
export type PresetName = (typeof PRESETS)[number];

const secret = boundedString(LIMITS.webhookSecretChars);
const description = boundedString(LIMITS.descriptionChars);

const fromName = boundedString(LIMITS.nameChars).min(1);

const decided = {
  action: z.enum(ACTIONS).openapi({
    description: "add: the payload becomes examples; add_and_train: also train on the changes; train: only train",
  }),
  mapping: mapping
    .optional()
    .openapi({ description: "Combined with a preset: its fields replace those of the preset" }),
  preset: z.enum(PRESETS).optional(),
  from_name: fromName.optional().openapi({
    description: "For the preset label-studio: the name of the control to learn from, if a project has several",
  }),
  hmac: hmacOptions.optional().openapi({ description: "Options of the scheme hmac-sha256" }),
  token: tokenOptions.optional().openapi({ description: "Options of the scheme static-token" }),
  redact: z.boolean().optional().openapi({ description: "Store no payloads, not even those of failed deliveries" }),
};

export const newSource = z.strictObject({
  scheme: schemeName.openapi({
    description:
      "How deliveries are verified. static-token is weaker than the others: the secret itself is sent in a header, and neither body nor time is signed. Use it only for senders that cannot sign, such as Label Studio",
  }),
  ...decided,
  description: description.optional(),
  secret: secret
    .optional()
    .openapi({ description: "Default: generated. For a sender that signs with ed25519: its public key (whpk_…)" }),
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
      url: z.string().openapi({ description: "The path that receives deliveries, below the address of the service" }),
      scheme: schemeName,
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
        .openapi({ description: "Valid secrets, newest first, without their values" }),
      failures_in_a_row: z.int().openapi({
        description: `Consecutive verified deliveries that failed. At ${LIMITS.failuresBeforeEvent} the event source.failing is sent. Requests without a valid signature are not counted here: see /refusals`,
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
    .openapi({ description: "How long the previous secret stays valid; default: a day" }),
});
export type Rotation = z.infer<typeof rotation>;

export const refusals = later(() =>
  z
    .object({
      count: z.int().openapi({ description: "Count since `since`; it restarts with the head's object" }),
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
  summary: "Create a source: another service sends examples, or starts trainings, by signed webhooks",
  request: { params: headPath, body: body(newSource) },
  responses: { 201: json(createdSource, "Created. `secret` is only shown in this response"), ...problems },
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
  summary: "Change the mapping or the action of a source. `redact` deletes its stored payloads",
  request: { params: sourcePath, body: body(sourcePatch) },
  responses: shown,
});

export const deleteSource = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteSource",
  summary: "Delete a source and its deliveries. Its examples stay",
  request: { params: sourcePath },
  responses: { 204: { description: "Deleted" }, ...problems },
});

export const rotateSource = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/rotate",
  method: "post",
  operationId: "rotateSource",
  summary: "Give a source another secret. The previous one stays valid for a while",
  request: { params: sourcePath, body: { ...body(rotation), required: false } },
  responses: { 200: json(createdSource, "`secret` is only shown in this response"), ...problems },
});

export const testSource = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/test",
  method: "post",
  operationId: "testSource",
  summary: "Show the effect of a payload without applying it",
  request: { params: sourcePath, body: body(dryRun) },
  responses: { 200: json(dryRunResult, "What would happen"), ...problems },
});

export const getRefusals = createRoute({
  ...one,
  path: "/v1/heads/{head}/sources/{id}/refusals",
  method: "get",
  operationId: "getRefusals",
  summary:
    "Count requests to a source without a valid signature, for example after a wrong secret. Such requests change no state",
  request: { params: sourcePath },
  responses: { 200: json(refusals, "The count, and why the last one was refused"), ...problems },
});
