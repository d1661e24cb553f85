// Traffic: which version answers, with splits, shadows and rollback.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray } from "./bounds.ts";
import { body, headPath, json, type Later, later, problems, security } from "./common.ts";
import { version } from "./versions.ts";

const number = z.int().min(1);

export const trafficBody = z.strictObject({
  split: boundedArray(z.strictObject({ version: number, weight: z.number().min(0).max(1e6) }), LIMITS.sharesOfTraffic)
    .min(1)
    .refine((all) => new Set(all.map((one) => one.version)).size === all.length, "must not name a version twice")
    .refine((all) => all.some(({ weight }) => weight > 0), "must give at least one version a weight above 0"),
  shadow: number
    .nullable()
    .optional()
    .openapi({ description: "Scored and recorded in addition; its answers are not returned" }),
});
export type TrafficBody = z.infer<typeof trafficBody>;

const fields = { split: z.array(z.object({ version: number, weight: z.number() })), shadow: number.nullable() };
export const traffic = later(() => z.object(fields).openapi("Traffic"));
export type TrafficView = Later<typeof traffic>;

const rolledBack = later(() => version().extend(fields));
export type RolledBack = Later<typeof rolledBack>;

const common = { tags: ["Versions"], security };

export const setTraffic = createRoute({
  ...common,
  method: "put",
  path: "/v1/heads/{head}/traffic",
  operationId: "setTraffic",
  summary:
    "Split callers between versions, and set a shadow. A caller with the same `key` always gets the same version",
  request: { params: headPath, body: body(trafficBody) },
  responses: { 200: json(traffic, "Effective everywhere within two seconds"), ...problems },
});

export const getTraffic = createRoute({
  ...common,
  method: "get",
  path: "/v1/heads/{head}/traffic",
  operationId: "getTraffic",
  summary: "Show which versions answer",
  request: { params: headPath },
  responses: { 200: json(traffic, "The current traffic"), ...problems },
});

export const rollback = createRoute({
  ...common,
  method: "post",
  path: "/v1/heads/{head}/rollback",
  operationId: "rollback",
  summary: "Restore the previously live version or split",
  request: { params: headPath },
  responses: { 200: json(rolledBack, "The version that is live again"), ...problems },
});
