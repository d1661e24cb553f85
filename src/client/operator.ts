// Calls of the operator, with the admin key; and those that every key may make.
import type { BackboneView } from "../contract/backbones.ts";
import type { Page, PageQuery } from "../contract/common.ts";
import type { Health } from "../contract/health.ts";
import type { CreatedKey, NewKey } from "../contract/keys.ts";
import type { CreatedTenant, TenantPatch, TenantView } from "../contract/tenants.ts";
import { type Api, jsonBody, path } from "./api.ts";

export const operatorCalls = (api: Api) => ({
  getHealth: (): Promise<Health> => api.json("GET", "/healthz"),

  /** The answer shows the tenant's first key, which has admin scope, only once. */
  createTenant: (id: string, name?: string): Promise<CreatedTenant> =>
    api.json("POST", "/v1/tenants", { body: jsonBody({ id, name }) }),

  listTenants: (query?: PageQuery): Promise<Page<TenantView>> => api.json("GET", "/v1/tenants", { query }),

  getTenant: (tenant: string): Promise<TenantView> => api.json("GET", path`/v1/tenants/${tenant}`),

  updateTenant: (tenant: string, patch: TenantPatch): Promise<TenantView> =>
    api.json("PATCH", path`/v1/tenants/${tenant}`, { body: jsonBody(patch) }),

  /** Deletes all data of a tenant. */
  deleteTenant: (tenant: string): Promise<void> => api.json("DELETE", path`/v1/tenants/${tenant}`),

  createTenantKey: (tenant: string, key: NewKey): Promise<CreatedKey> =>
    api.json("POST", path`/v1/tenants/${tenant}/keys`, { body: jsonBody(key) }),

  listBackbones: (query?: PageQuery): Promise<Page<BackboneView>> => api.json("GET", "/v1/backbones", { query }),
});
