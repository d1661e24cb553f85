// Endpoints of a tenant: create, change, test, and list their deliveries.
import { Fault, unwrap } from "../../core/problems.ts";
import type { Env } from "../../env.ts";
import { isOwnRoute, refusalOfAddress } from "../../webhooks/address.ts";
import { type Handlers, tenantOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";

type Operations =
  | "createEndpoint"
  | "listEndpoints"
  | "getEndpoint"
  | "updateEndpoint"
  | "deleteEndpoint"
  | "rotateEndpoint"
  | "testEndpoint"
  | "listEndpointDeliveries"
  | "redeliver";

type TenantCall = Parameters<typeof tenantOf>[0] & { readonly env: Env };
const tenant = (call: TenantCall) => call.env.tenant(tenantOf(call).tenant);

export const endpoints: Handlers<Operations> = {
  createEndpoint: async (call) => {
    assertAddress(call.body.url, call);
    const made = unwrap(await tenant(call).createEndpoint(call.body));
    return answer(made, 201, { Location: `/v1/endpoints/${made.id}` });
  },

  listEndpoints: async (call) => answer(unwrap(await tenant(call).listEndpoints(call.query))),
  getEndpoint: async (call) => answer(unwrap(await tenant(call).getEndpoint(call.params.id))),

  updateEndpoint: async (call) => {
    if (call.body.url !== undefined) assertAddress(call.body.url, call);
    return answer(unwrap(await tenant(call).updateEndpoint(call.params.id, call.body)));
  },

  deleteEndpoint: async (call) => {
    unwrap(await tenant(call).deleteEndpoint(call.params.id));
    return noContent();
  },

  rotateEndpoint: async (call) => answer(unwrap(await tenant(call).rotateEndpoint(call.params.id))),
  testEndpoint: async (call) => answer(unwrap(await tenant(call).testEndpoint(call.params.id)), 202),

  listEndpointDeliveries: async (call) =>
    answer(unwrap(await tenant(call).listEndpointDeliveries(call.params.id, call.query))),

  redeliver: async (call) => answer(unwrap(await tenant(call).redeliver(call.params.id, call.params.delivery)), 202),
};

function assertAddress(url: string, { env, request }: { readonly env: Env; readonly request: Request }): void {
  const detail = refusalOfAddress(url, env.webhooks) ?? (isOwnRoute(url, request.url) ? ITSELF : null);
  if (detail === null) return;
  throw new Fault("invalid_request", `The body: /url ${detail}`, { errors: [{ pointer: "/url", detail }] });
}

const ITSELF = "must not be a route of this service, which does not accept its own events";
