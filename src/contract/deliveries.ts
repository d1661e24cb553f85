// Deliveries: the requests of a source, their outcomes, and the one route that senders call.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";

/** The outcome of a delivery. The first six are successes, possibly without a change; the others are failures. */
export const OUTCOMES = ["added", "updated", "unchanged", "deleted", "ignored", "training"] as const;
export const FAILURES = ["unmappable", "rejected"] as const;
export type DeliveryOutcome = (typeof OUTCOMES)[number];
export type DeliveryState = DeliveryOutcome | (typeof FAILURES)[number];
export const isFailure = (state: DeliveryState): state is (typeof FAILURES)[number] =>
  FAILURES.some((failure) => failure === state);

/** How many examples a delivery added, updated, left unchanged and deleted. */
export const changes = later(() =>
  z.object({ added: z.int(), updated: z.int(), unchanged: z.int(), deleted: z.int() }).openapi("DeliveryChanges"),
);
export type DeliveryCounts = Later<typeof changes>;

export const delivery = later(() =>
  z
    .object({
      id: z.string().openapi({ description: "The sender's id of the delivery, else a digest" }),
      outcome: z.enum([...OUTCOMES, ...FAILURES]),
      reason: reason().nullable(),
      example: z
        .string()
        .nullable()
        .openapi({ description: "Id of the first example that it added, changed or deleted" }),
      changes: changes().nullable(),
      job: z.string().nullable(),
      attempts: z.int().openapi({ description: "Number of attempts and replays until it succeeded" }),
      bytes: z.int(),
      replayable: z.boolean().openapi({ description: "Whether it failed and its payload is stored" }),
      received_at: time,
    })
    .openapi("Delivery"),
);
export type DeliveryView = Later<typeof delivery>;

const deliveryWithPayload = later(() =>
  delivery().extend({
    payload: z.string().nullable(),
    headers: z.record(z.string(), z.string()).nullable().openapi({
      description:
        "Stored with the payload, for mappings that read them. Headers with credentials or signatures are never stored",
    }),
  }),
);
export type DeliveryDetail = Later<typeof deliveryWithPayload>;

export const deliveryQuery = pageQuery.extend({ outcome: z.enum([...OUTCOMES, ...FAILURES]).optional() });
export type DeliveryQuery = z.infer<typeof deliveryQuery>;

export const deliveryAnswer = later(() =>
  z
    .object({
      delivery: z.string(),
      outcome: z.enum([...OUTCOMES, "duplicate"]).openapi({
        description: "For several examples: added if one was added, else updated, else deleted, else unchanged",
      }),
      ...changes().partial().shape,
      job: z.string().optional(),
      reason: reason().optional(),
    })
    .openapi("DeliveryAnswer"),
);
export type DeliveryAnswer = Later<typeof deliveryAnswer>;

export const reason = later(() =>
  z
    .object({
      code: z.string(),
      detail: z.string(),
      pointer: z.string().optional(),
      header: z.string().optional(),
    })
    .openapi({
      description:
        "pointer: to a place in the payload, or in the mapped example (/2/label: in the third of several); header: the name of the header concerned",
    }),
);

const id = boundedString(LIMITS.idChars);
export const sourcePath = headPath.extend({ id });
export const deliveryPath = sourcePath.extend({ delivery: id });
export const hookPath = z.object({ source: id });

const common = { tags: ["Webhooks in"], security };
const one = {
  ...common,
  path: "/v1/heads/{head}/sources/{id}/deliveries/{delivery}",
  request: { params: deliveryPath },
};
const taken = json(deliveryAnswer, "Accepted: the effect is committed");

export const receiveDelivery = createRoute({
  tags: common.tags,
  path: "/v1/hooks/{source}",
  method: "post",
  operationId: "receiveDelivery",
  summary: "Receive an event of a source, authenticated by its signature",
  request: {
    params: hookPath,
    body: {
      required: true,
      description:
        "JSON, or a URL-encoded form with JSON in its field `payload`, or with other fields. The format is detected from the body alone",
      content: {
        "application/json": { schema: z.unknown() },
        "application/x-www-form-urlencoded": { schema: z.unknown() },
      },
    },
  },
  responses: {
    200: json(deliveryAnswer, "A duplicate of an accepted delivery, without further effect"),
    202: taken,
    ...problems,
  },
});

export const listDeliveries = createRoute({
  ...common,
  path: "/v1/heads/{head}/sources/{id}/deliveries",
  method: "get",
  operationId: "listDeliveries",
  summary: "List the deliveries of a source and their outcomes",
  request: { params: sourcePath, query: deliveryQuery },
  responses: { 200: json(pageOf(delivery), "A page, newest first"), ...problems },
});

export const getDelivery = createRoute({
  ...one,
  method: "get",
  operationId: "getDelivery",
  summary: "Show a delivery, with its payload if it failed and the payload is stored",
  responses: { 200: json(deliveryWithPayload, "The delivery"), ...problems },
});

export const redactDelivery = createRoute({
  ...one,
  path: `${one.path}/redact`,
  method: "post",
  operationId: "redactDelivery",
  summary: "Delete the payload of a failed delivery",
  responses: { 200: json(delivery, "The delivery, without its payload"), ...problems },
});

export const replayDelivery = createRoute({
  ...one,
  path: `${one.path}/replay`,
  method: "post",
  operationId: "replayDelivery",
  summary: "Process a failed delivery again, with the current mapping",
  responses: {
    200: json(deliveryAnswer, "A duplicate of an accepted delivery, without further effect"),
    202: taken,
    ...problems,
  },
});
