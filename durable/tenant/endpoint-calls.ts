// The calls about outgoing webhooks.
import type { EndpointDelivery, EndpointPatch, EndpointWithSecret, NewEndpoint } from "../../src/contract/endpoints.ts";
import { makeId } from "../../src/core/ids.ts";
import { DELIVERY, LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import { makeWebhookSecret } from "../../src/core/standard-webhooks.ts";
import { type Endpoint, viewOfEndpoint } from "../tables/endpoints.ts";
import type { TenantCalls } from "./calls.ts";
import { fanOut, sendTest, wakeCourier } from "./fan-out.ts";
import type { TenantStore } from "./store.ts";

export const endpointCalls: TenantCalls<
  "createEndpoint" | "listEndpoints" | "getEndpoint" | "updateEndpoint" | "deleteEndpoint" | "rotateEndpoint"
> = {
  createEndpoint: addEndpoint,
  listEndpoints: ({ endpoints }, page) => endpoints.list(page),
  getEndpoint: (store, id) => viewOfEndpoint(endpointOrFault(store, id)),
  updateEndpoint: (store, id, patch) => viewOfEndpoint(updateEndpoint(store, id, patch)),
  deleteEndpoint: ({ storage, endpoints, deliveries }, id) =>
    storage.transactionSync(() => {
      if (!endpoints.remove(id)) throw missing(id);
      deliveries.removeOf(id);
      return null;
    }),
  rotateEndpoint: (store, id) => {
    const secret = makeWebhookSecret(systemRandom);
    const endpoint = endpointOrFault(store, id);
    store.endpoints.rotate(id, secret, Date.now() + DELIVERY.secretOverlapHours * 3_600_000);
    return { ...viewOfEndpoint(endpoint), secret };
  },
};

export const deliveryCalls: TenantCalls<"acceptEvents" | "testEndpoint" | "listEndpointDeliveries" | "redeliver"> = {
  acceptEvents: (store, space, events) => {
    if (store.tenant().deleting || store.tenant().space !== space)
      throw new Fault("not_found", "The tenant was deleted");
    const now = Date.now();
    store.storage.transactionSync(() => {
      store.deliveries.prune(now);
      for (const event of events) fanOut(store, event, now);
    });
    return null;
  },
  testEndpoint: (store, id) => {
    assertEnabled(store, id);
    const now = Date.now();
    return deliveryOrFault(
      store,
      id,
      store.storage.transactionSync(() => sendTest(store, id, now)),
    );
  },
  listEndpointDeliveries: (store, id, query) => {
    endpointOrFault(store, id);
    return store.deliveries.list(id, query);
  },
  redeliver: (store, id, delivery) => {
    assertEnabled(store, id);
    deliveryOrFault(store, id, delivery);
    const now = Date.now();
    store.storage.transactionSync(() => {
      store.deliveries.again(delivery, now);
      wakeCourier(store, now);
    });
    return deliveryOrFault(store, id, delivery);
  },
};

function addEndpoint({ endpoints }: TenantStore, { url, events, description }: NewEndpoint): EndpointWithSecret {
  if (endpoints.count() >= LIMITS.endpointsPerTenant) {
    const detail = `The tenant has ${LIMITS.endpointsPerTenant} endpoints, which is the most; delete one first`;
    throw new Fault("quota_exceeded", detail);
  }
  const secret = makeWebhookSecret(systemRandom);
  const settings = { url, events, description: description ?? null, disabled: null };
  return { ...viewOfEndpoint(endpoints.add(makeId("ep", systemRandom), settings, secret, Date.now())), secret };
}

/**
 * An endpoint that is enabled again, or gets another URL, loses its record of failures. An enabled one also gets its waiting
 * deliveries.
 */
function updateEndpoint(store: TenantStore, id: string, { disabled, ...patch }: EndpointPatch): Endpoint {
  const { storage, endpoints } = store;
  const before = endpointOrFault(store, id);
  const reason = disabled === undefined ? before.disabled : disabled ? (before.disabled ?? "asked") : null;
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  storage.transactionSync(() => {
    endpoints.set(id, { ...before, ...Object.fromEntries(given), disabled: reason });
    const isEnabled = before.disabled !== null && reason === null;
    const isMoved = patch.url !== undefined && patch.url !== before.url;
    if (isEnabled || isMoved) endpoints.note(id, { failingSince: null, lastMs: 0 });
    if (isEnabled) wakeCourier(store, Date.now());
  });
  return endpointOrFault(store, id);
}

function assertEnabled(store: TenantStore, id: string): void {
  if (endpointOrFault(store, id).disabled === null) return;
  throw new Fault("endpoint_disabled", `Endpoint ${id} is disabled; enable it first: PATCH {"disabled": false}`);
}

function endpointOrFault({ endpoints }: TenantStore, id: string): Endpoint {
  const endpoint = endpoints.get(id);
  if (!endpoint) throw missing(id);
  return endpoint;
}

const missing = (id: string): Fault => new Fault("not_found", `There is no endpoint "${id}"`);

function deliveryOrFault({ deliveries }: TenantStore, endpoint: string, id: string): EndpointDelivery {
  const delivery = deliveries.get(endpoint, id);
  if (!delivery) throw new Fault("not_found", `There is no delivery "${id}" to this endpoint`);
  return delivery;
}
