// Keys of a tenant. The secret is only in the response that creates the key.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { body, json, type Later, later, name, pageOf, pageQuery, problems, SCOPES, security, time } from "./common.ts";
import { tenantPath } from "./tenants.ts";

const scopes = boundedArray(z.enum(SCOPES), SCOPES.length).min(1);

export const key = later(() =>
  z
    .object({
      id: z.string(),
      name: z.string().nullable(),
      scopes,
      created_at: time,
      expires_at: time.nullable(),
      requests_per_minute: z
        .int()
        .nullable()
        .openapi({ description: "Limit of this key; null: only the tenant's limit" }),
    })
    .openapi("Key"),
);
export type KeyView = Later<typeof key>;

export const newKey = z.strictObject({
  scopes,
  name: name.optional(),
  expires_at: z.iso.datetime({ offset: true }).max(LIMITS.timeChars).optional(),
  requests_per_minute: z
    .int()
    .min(0)
    .optional()
    .openapi({ description: "Limit of this key, within that of the tenant" }),
});
export type NewKey = z.infer<typeof newKey>;

const createdKey = later(() => key().extend({ key: z.string() }).openapi("NewKey"));
export type CreatedKey = Later<typeof createdKey>;
export const keyPath = z.object({ id: boundedString(LIMITS.madeIdChars) });

const common = { tags: ["Keys"], security };
const created = { 201: json(createdKey, "Created. `key` is only shown in this response"), ...problems };

export const createTenantKey = createRoute({
  ...common,
  method: "post",
  path: "/v1/tenants/{tenant}/keys",
  operationId: "createTenantKey",
  summary: "Create a key for a tenant (operator)",
  request: { params: tenantPath, body: body(newKey) },
  responses: created,
});

export const createKey = createRoute({
  ...common,
  method: "post",
  path: "/v1/keys",
  operationId: "createKey",
  summary: "Create a key",
  request: { body: body(newKey) },
  responses: created,
});

export const listKeys = createRoute({
  ...common,
  method: "get",
  path: "/v1/keys",
  operationId: "listKeys",
  summary: "List keys, without their secrets",
  request: { query: pageQuery },
  responses: { 200: json(pageOf(key), "A page, oldest first"), ...problems },
});

export const revokeKey = createRoute({
  ...common,
  method: "delete",
  path: "/v1/keys/{id}",
  operationId: "revokeKey",
  summary: "Revoke a key",
  request: { params: keyPath },
  responses: { 204: { description: "Revoked" }, ...problems },
});
