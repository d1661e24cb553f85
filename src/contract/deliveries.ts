// Deliveries: what came to a source, what became of it, and the one route that senders call.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";

/** What came of a delivery: the first six had their effect, of which there may be none; the rest failed. */
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
      id: z.string().openapi({ description: "As the sender names it, else a digest" }),
      outcome: z.enum([...OUTCOMES, ...FAILURES]),
      reason: reason().nullable(),
      example: z
        .string()
        .nullable()
        .openapi({ description: "The id of the first example it made, changed or deleted" }),
      changes: changes().nullable(),
      job: z.string().nullable(),
      attempts: z.int().openapi({ description: "Times it came, or was replayed, until it had its effect" }),
      bytes: z.int(),
      replayable: z.boolean().openapi({ description: "Whether it failed and its payload is kept" }),
      received_at: time,
    })
    .openapi("Delivery"),
);
export type DeliveryView = Later<typeof delivery>;

const deliveryWithPayload = later(() =>
  delivery().extend({
    payload: z.string().nullable(),
    headers: z.record(z.string(), z.string()).nullable().openapi({
      description: "Kept with the payload, for mappings that read them; none that carries a credential or a signature",
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
        description: "Of several examples: added where one was added, else updated, else deleted, else unchanged",
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
        "pointer: into the payload, or into the example made of it (/2/label: into the third of several); header: the name of the header it is about",
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
const taken = json(deliveryAnswer, "Taken, once and for all: the effect is committed");

export const receiveDelivery = createRoute({
  tags: common.tags,
  path: "/v1/hooks/{source}",
  method: "post",
  operationId: "receiveDelivery",
  summary: "Take an event of a source; its signature is what lets it in",
  request: {
    params: hookPath,
    body: {
      required: true,
      description:
        "JSON, or a URL-encoded form: the JSON in its field `payload`, else its fields. The body alone decides which",
      content: {
        "application/json": { schema: z.unknown() },
        "application/x-www-form-urlencoded": { schema: z.unknown() },
      },
    },
  },
  responses: {
    200: json(deliveryAnswer, "A duplicate: it was taken before, and has no effect now"),
    202: taken,
    ...problems,
  },
});

export const listDeliveries = createRoute({
  ...common,
  path: "/v1/heads/{head}/sources/{id}/deliveries",
  method: "get",
  operationId: "listDeliveries",
  summary: "List what came to a source and what became of it",
  request: { params: sourcePath, query: deliveryQuery },
  responses: { 200: json(pageOf(delivery), "A page, newest first"), ...problems },
});

export const getDelivery = createRoute({
  ...one,
  method: "get",
  operationId: "getDelivery",
  summary: "Show a delivery, with its payload where it failed and that is kept",
  responses: { 200: json(deliveryWithPayload, "The delivery"), ...problems },
});

export const redactDelivery = createRoute({
  ...one,
  path: `${one.path}/redact`,
  method: "post",
  operationId: "redactDelivery",
  summary: "Drop the payload of a delivery that failed",
  responses: { 200: json(delivery, "The delivery, without its payload"), ...problems },
});

export const replayDelivery = createRoute({
  ...one,
  path: `${one.path}/replay`,
  method: "post",
  operationId: "replayDelivery",
  summary: "Take a delivery that failed once more, with the mapping as it is now",
  responses: { 200: json(deliveryAnswer, "Taken before, and without effect now"), 202: taken, ...problems },
});
