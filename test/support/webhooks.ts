// Sources and deliveries for tests of the service inside this runtime.
import type { DeliveryAnswer } from "../../src/contract/deliveries.ts";
import type { CreatedSource, NewSource } from "../../src/contract/sources.ts";
import { type Answer, call, must } from "./service.ts";
import { type SignedHeaders, standardHeaders } from "./signing.ts";

export const makeSource = (key: string, head: string, source: NewSource): Promise<CreatedSource> =>
  must("POST", `/v1/heads/${head}/sources`, { key, body: source });

/** Posts a delivery, without a key and with the body exactly as it was signed. */
export const post = <T = DeliveryAnswer>(url: string, body: string, headers: SignedHeaders): Promise<Answer<T>> =>
  call("POST", url, { body, headers });

/** Signs a payload by Standard Webhooks, and delivers it to a source. */
export function deliver<T = DeliveryAnswer>(source: CreatedSource, payload: unknown, id?: string): Promise<Answer<T>> {
  const body = JSON.stringify(payload);
  return post(source.url, body, standardHeaders(source.secret, body, Date.now(), id));
}
