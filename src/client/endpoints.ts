// Calls about outgoing events: the endpoints that receive them, and the state of each delivery.
import type { Page, PageQuery } from "../contract/common.ts";
import type {
  EndpointDeliveriesQuery,
  EndpointDelivery,
  EndpointPatch,
  EndpointView,
  EndpointWithSecret,
  NewEndpoint,
} from "../contract/endpoints.ts";
import { type Api, jsonBody, path } from "./api.ts";

export const endpointCalls = (api: Api) => ({
  /** Creates an endpoint that events are sent to. Pass `secret` of the answer, shown only once, to `verifyWebhook`. */
  createEndpoint: (endpoint: NewEndpoint): Promise<EndpointWithSecret> =>
    api.json("POST", "/v1/endpoints", { body: jsonBody(endpoint) }),

  listEndpoints: (query?: PageQuery): Promise<Page<EndpointView>> => api.json("GET", "/v1/endpoints", { query }),

  getEndpoint: (id: string): Promise<EndpointView> => api.json("GET", path`/v1/endpoints/${id}`),

  updateEndpoint: (id: string, patch: EndpointPatch): Promise<EndpointView> =>
    api.json("PATCH", path`/v1/endpoints/${id}`, { body: jsonBody(patch) }),

  /** Deletes an endpoint and its deliveries. */
  deleteEndpoint: (id: string): Promise<void> => api.json("DELETE", path`/v1/endpoints/${id}`),

  /** The answer shows the new `secret` only once. For a day, deliveries are also signed with the old one. */
  rotateEndpoint: (id: string): Promise<EndpointWithSecret> => api.json("POST", path`/v1/endpoints/${id}/rotate`),

  /** Sends an event of type `endpoint.test`. */
  testEndpoint: (id: string): Promise<EndpointDelivery> => api.json("POST", path`/v1/endpoints/${id}/test`),

  /** A page of deliveries to an endpoint, newest first. */
  listEndpointDeliveries: (id: string, query?: EndpointDeliveriesQuery): Promise<Page<EndpointDelivery>> =>
    api.json("GET", path`/v1/endpoints/${id}/deliveries`, { query }),

  redeliver: (id: string, delivery: string): Promise<EndpointDelivery> =>
    api.json("POST", path`/v1/endpoints/${id}/deliveries/${delivery}/redeliver`),
});
