// The routes that are about no head: the service itself, tenants, keys, usage, endpoints and backbones.
import * as backbones from "./backbones.ts";
import * as endpoints from "./endpoints.ts";
import { health } from "./health.ts";
import * as keys from "./keys.ts";
import type { RouteEntry } from "./route-entry.ts";
import * as tenants from "./tenants.ts";
import * as usage from "./usage.ts";

export const ACCOUNT_ROUTES = {
  getHealth: { route: health, access: "public" },
  createTenant: { route: tenants.createTenant, access: "operator" },
  listTenants: { route: tenants.listTenants, access: "operator" },
  getTenant: { route: tenants.getTenant, access: "operator" },
  updateTenant: { route: tenants.updateTenant, access: "operator" },
  deleteTenant: { route: tenants.deleteTenant, access: "operator" },
  createTenantKey: { route: keys.createTenantKey, access: "operator" },
  createKey: { route: keys.createKey, access: "admin" },
  listKeys: { route: keys.listKeys, access: "admin" },
  revokeKey: { route: keys.revokeKey, access: "admin" },
  listUsage: { route: usage.listUsage, access: "read" },
  createEndpoint: { route: endpoints.createEndpoint, access: "admin" },
  listEndpoints: { route: endpoints.listEndpoints, access: "read" },
  getEndpoint: { route: endpoints.getEndpoint, access: "read" },
  updateEndpoint: { route: endpoints.updateEndpoint, access: "admin" },
  deleteEndpoint: { route: endpoints.deleteEndpoint, access: "admin" },
  rotateEndpoint: { route: endpoints.rotateEndpoint, access: "admin" },
  testEndpoint: { route: endpoints.testEndpoint, access: "admin" },
  listEndpointDeliveries: { route: endpoints.listEndpointDeliveries, access: "read" },
  redeliver: { route: endpoints.redeliver, access: "admin" },
  listBackbones: { route: backbones.listBackbones, access: "any" },
} as const satisfies Record<string, RouteEntry>;
