// Endpoints: the URLs that a tenant's events are sent to, and the state of each delivery.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { body, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { EVENT_TYPES, EVENTS } from "./events.ts";

const catalogue = Object.entries(EVENTS).map(([type, meaning]) => `- \`${type}\`: ${meaning}`);

const events = boundedArray(z.enum(["*", ...EVENT_TYPES]), EVENT_TYPES.length + 1)
  .min(1)
  .openapi({ description: `\`*\` for all, or some of:\n${catalogue.join("\n")}` });
const url = boundedString(LIMITS.urlChars).min(1).openapi({ example: "https://example.com/hooks/lastlayer" });
const description = boundedString(LIMITS.descriptionChars).nullable();

export const newEndpoint = z.strictObject({ url, events, description: description.optional() });
export type NewEndpoint = z.infer<typeof newEndpoint>;

export const endpointPatch = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  description: description.optional(),
  disabled: z.boolean().optional().openapi({ description: "false enables it again, and waiting deliveries are sent" }),
});
export type EndpointPatch = z.infer<typeof endpointPatch>;

/** gone: the endpoint responded 410. failing: every attempt failed for days. asked: a request disabled it. */
export const DISABLED_REASONS = ["gone", "failing", "asked"] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

export const endpoint = later(() =>
  z
    .object({
      id: z.string(),
      url: z.string(),
      events: z.array(z.string()),
      description: z.string().nullable(),
      disabled: z.boolean(),
      disabled_reason: z.enum(DISABLED_REASONS).nullable(),
      failing_since: time.nullable().openapi({ description: "Start of the current series of failed attempts" }),
      created_at: time,
    })
    .openapi("Endpoint"),
);
export type EndpointView = Later<typeof endpoint>;

const withSecret = later(() =>
  endpoint()
    .extend({ secret: z.string().openapi({ example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }) })
    .openapi("NewEndpoint"),
);
export type EndpointWithSecret = Later<typeof withSecret>;

export const DELIVERY_STATUSES = ["pending", "succeeded", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const delivery = later(() =>
  z
    .object({
      id: z.string(),
      event: z.string().openapi({ description: "The `webhook-id`, which is the same in all attempts" }),
      type: z.string(),
      status: z.enum(DELIVERY_STATUSES),
      attempts: z.int(),
      next_attempt_at: time.nullable(),
      last_attempt: z
        .object({
          code: z.int().nullable().openapi({ description: "null: there was no response; see `error`" }),
          body: z.string().nullable().openapi({ description: "The first kilobyte of the response" }),
          error: z.string().nullable(),
          duration_ms: z.int(),
        })
        .nullable(),
      created_at: time,
    })
    .openapi("EndpointDelivery"),
);
export type EndpointDelivery = Later<typeof delivery>;

export const endpointPath = z.object({ id: boundedString(LIMITS.madeIdChars) });
const deliveryPath = endpointPath.extend({ delivery: boundedString(LIMITS.madeIdChars) });
export const endpointDeliveriesQuery = pageQuery.extend({ status: z.enum(DELIVERY_STATUSES).optional() });
export type EndpointDeliveriesQuery = z.infer<typeof endpointDeliveriesQuery>;

const common = { tags: ["Endpoints"], security };
const all = { ...common, path: "/v1/endpoints" };
const one = { ...common, path: "/v1/endpoints/{id}" };

export const createEndpoint = createRoute({
  ...all,
  method: "post",
  operationId: "createEndpoint",
  summary: "Send events to a URL, signed (Standard Webhooks 1.0.0)",
  request: { body: body(newEndpoint) },
  responses: { 201: json(withSecret, "Created. `secret` is only shown in this response"), ...problems },
});

export const listEndpoints = createRoute({
  ...all,
  method: "get",
  operationId: "listEndpoints",
  summary: "List endpoints, without their secrets",
  request: { query: pageQuery },
  responses: { 200: json(pageOf(endpoint), "A page, oldest first"), ...problems },
});

export const getEndpoint = createRoute({
  ...one,
  method: "get",
  operationId: "getEndpoint",
  summary: "Show an endpoint",
  request: { params: endpointPath },
  responses: { 200: json(endpoint, "The endpoint"), ...problems },
});

export const updateEndpoint = createRoute({
  ...one,
  method: "patch",
  operationId: "updateEndpoint",
  summary: "Change an endpoint, disable it, or enable it again",
  request: { params: endpointPath, body: body(endpointPatch) },
  responses: { 200: json(endpoint, "The endpoint after the change"), ...problems },
});

export const deleteEndpoint = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteEndpoint",
  summary: "Delete an endpoint and its deliveries",
  request: { params: endpointPath },
  responses: { 204: { description: "Deleted" }, ...problems },
});

export const rotateEndpoint = createRoute({
  ...one,
  path: `${one.path}/rotate`,
  method: "post",
  operationId: "rotateEndpoint",
  summary: "Give an endpoint a new secret. For a day, deliveries are also signed with the old one",
  request: { params: endpointPath },
  responses: { 200: json(withSecret, "`secret` is only shown in this response"), ...problems },
});

export const testEndpoint = createRoute({
  ...one,
  path: `${one.path}/test`,
  method: "post",
  operationId: "testEndpoint",
  summary: "Send an event of type `endpoint.test` to an endpoint",
  request: { params: endpointPath },
  responses: { 202: json(delivery, "Queued: the event is sent at once"), ...problems },
});

export const listEndpointDeliveries = createRoute({
  ...one,
  path: `${one.path}/deliveries`,
  method: "get",
  operationId: "listEndpointDeliveries",
  summary: "List sent and waiting deliveries of an endpoint, with the last responses",
  request: { params: endpointPath, query: endpointDeliveriesQuery },
  responses: { 200: json(pageOf(delivery), "A page, newest first"), ...problems },
});

export const redeliver = createRoute({
  ...one,
  path: `${one.path}/deliveries/{delivery}/redeliver`,
  method: "post",
  operationId: "redeliver",
  summary: "Send a delivery again, with a full schedule of attempts",
  request: { params: deliveryPath },
  responses: { 202: json(delivery, "Queued, with the same `webhook-id`"), ...problems },
});
