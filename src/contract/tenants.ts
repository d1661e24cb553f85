// Tenants and their quotas, for the operator.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import {
  body,
  json,
  type Later,
  later,
  name,
  newSlug,
  pageOf,
  pageQuery,
  problems,
  security,
  slug,
  time,
} from "./common.ts";

export const quotas = z
  .strictObject({
    heads: z.int().min(0).max(LIMITS.headsPerTenant).optional(),
    examples_per_head: z.int().min(0).max(LIMITS.examplesPerHead).optional(),
    requests_per_minute: z.int().min(0).optional(),
    inputs_per_minute: z
      .int()
      .min(0)
      .optional()
      .openapi({ description: "Inputs to predict, and inputs of examples that have no feature yet" }),
    storage_bytes: z.int().min(0).optional().openapi({ description: "Bytes of all heads together" }),
    training_seconds_per_day: z
      .int()
      .min(0)
      .optional()
      .openapi({ description: "Seconds of training work per UTC day" }),
  })
  .openapi("Quotas");
export type Quotas = z.infer<typeof quotas>;
/** Quotas with all defaults filled in. */
export type FullQuotas = { readonly [Name in keyof Quotas]-?: number };
const fullQuotas = later(() =>
  z.object({
    heads: z.int(),
    examples_per_head: z.int(),
    requests_per_minute: z.int(),
    inputs_per_minute: z.int(),
    storage_bytes: z.int(),
    training_seconds_per_day: z.int(),
  }),
);

export const tenant = later(() =>
  z.object({ id: slug, name: z.string(), quotas: fullQuotas(), created_at: time }).openapi("Tenant"),
);
export type TenantView = Later<typeof tenant>;

export const newTenant = z.strictObject({ id: newSlug, name: name.optional() });
const createdTenant = later(() =>
  z.object({ id: slug, name: z.string(), created_at: time, key: z.string() }).openapi("NewTenant"),
);
export type CreatedTenant = Later<typeof createdTenant>;
export const tenantPatch = z.strictObject({ name: name.optional(), quotas: quotas.optional() });
export type TenantPatch = z.infer<typeof tenantPatch>;
export const tenantPath = z.object({ tenant: slug });

const common = { tags: ["Operator"], security };
const one = { ...common, path: "/v1/tenants/{tenant}" };

export const createTenant = createRoute({
  ...common,
  method: "post",
  path: "/v1/tenants",
  operationId: "createTenant",
  summary: "Create a tenant and its first key, which has admin scope and is only shown in this response",
  request: { body: body(newTenant) },
  responses: { 201: json(createdTenant, "Created"), ...problems },
});

export const listTenants = createRoute({
  ...common,
  method: "get",
  path: "/v1/tenants",
  operationId: "listTenants",
  summary: "List tenants",
  request: { query: pageQuery },
  responses: { 200: json(pageOf(tenant), "A page, by id"), ...problems },
});

export const getTenant = createRoute({
  ...one,
  method: "get",
  operationId: "getTenant",
  summary: "Show a tenant and its quotas",
  request: { params: tenantPath },
  responses: { 200: json(tenant, "The tenant"), ...problems },
});

export const updateTenant = createRoute({
  ...one,
  method: "patch",
  operationId: "updateTenant",
  summary: "Rename a tenant or change its quotas",
  request: { params: tenantPath, body: body(tenantPatch) },
  responses: { 200: json(tenant, "The tenant after the change"), ...problems },
});

export const deleteTenant = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteTenant",
  summary: "Delete all data of a tenant: keys, heads, examples, versions",
  request: { params: tenantPath },
  responses: { 204: { description: "Deleted" }, ...problems },
});
