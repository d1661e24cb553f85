// Calls about incoming webhooks: the sources of a head, and their deliveries.
import type { Page, PageQuery } from "../contract/common.ts";
import type { DeliveryAnswer, DeliveryDetail, DeliveryQuery, DeliveryView } from "../contract/deliveries.ts";
import type { DryRun, DryRunResult } from "../contract/dry-run.ts";
import type { CreatedSource, NewSource, RefusalsView, Rotation, SourcePatch, SourceView } from "../contract/sources.ts";
import { type Api, jsonBody, path } from "./api.ts";

export const sourceCalls = (api: Api) => ({
  /** Creates an address for signed webhooks. The answer shows its `secret` only once. */
  createSource: (head: string, source: NewSource): Promise<CreatedSource> =>
    api.json("POST", path`/v1/heads/${head}/sources`, { body: jsonBody(source) }),

  listSources: (head: string, query?: PageQuery): Promise<Page<SourceView>> =>
    api.json("GET", path`/v1/heads/${head}/sources`, { query }),

  getSource: (head: string, id: string): Promise<SourceView> => api.json("GET", path`/v1/heads/${head}/sources/${id}`),

  updateSource: (head: string, id: string, patch: SourcePatch): Promise<SourceView> =>
    api.json("PATCH", path`/v1/heads/${head}/sources/${id}`, { body: jsonBody(patch) }),

  /** Deletes a source and its deliveries. Its examples stay. */
  deleteSource: (head: string, id: string): Promise<void> => api.json("DELETE", path`/v1/heads/${head}/sources/${id}`),

  /** The answer shows the new `secret` only once. The previous one stays valid for a while. */
  rotateSource: (head: string, id: string, rotation: Rotation = {}): Promise<CreatedSource> =>
    api.json("POST", path`/v1/heads/${head}/sources/${id}/rotate`, { body: jsonBody(rotation) }),

  /** Shows the effect of a payload without applying it. */
  testSource: (head: string, id: string, request: DryRun): Promise<DryRunResult> =>
    api.json("POST", path`/v1/heads/${head}/sources/${id}/test`, { body: jsonBody(request) }),

  /** The number of posts to a source that failed verification, and the last reason, such as a wrong secret. */
  getRefusals: (head: string, id: string): Promise<RefusalsView> =>
    api.json("GET", path`/v1/heads/${head}/sources/${id}/refusals`),
});

/** The deliveries of a source, and the address that receives them. */
export const deliveryCalls = (api: Api) => ({
  /** A page of deliveries of a source, newest first. */
  listDeliveries: (head: string, id: string, query?: DeliveryQuery): Promise<Page<DeliveryView>> =>
    api.json("GET", path`/v1/heads/${head}/sources/${id}/deliveries`, { query }),

  /** A delivery, with its payload if it failed and the payload is stored. */
  getDelivery: (head: string, id: string, delivery: string): Promise<DeliveryDetail> =>
    api.json("GET", path`/v1/heads/${head}/sources/${id}/deliveries/${delivery}`),

  /** Deletes the payload of a failed delivery. */
  redactDelivery: (head: string, id: string, delivery: string): Promise<DeliveryView> =>
    api.json("POST", path`/v1/heads/${head}/sources/${id}/deliveries/${delivery}/redact`),

  /** Processes a failed delivery again, with the current mapping. */
  replayDelivery: (head: string, id: string, delivery: string): Promise<DeliveryAnswer> =>
    api.json("POST", path`/v1/heads/${head}/sources/${id}/deliveries/${delivery}/replay`),

  /** Delivers an event to a source as its sender does: a body, and headers that sign it. Sends no key. */
  receiveDelivery: (source: string, body: string, headers: Readonly<Record<string, string>>): Promise<DeliveryAnswer> =>
    api.json("POST", path`/v1/hooks/${source}`, {
      body: { type: "application/json", content: body },
      headers,
      withoutKey: true,
    }),
});
