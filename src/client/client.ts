// The client of the API, used by the command line and by callers. It depends on the contract's types only, and runs wherever
// `fetch` does.
import { type ClientOptions, makeApi } from "./api.ts";
import { type Operations, operations } from "./operations.ts";

export { ApiError } from "./api-error.ts";
export { itemsOf } from "./pages.ts";
export { verifyWebhook, WebhookError } from "./verify-webhook.ts";
export type { ClientOptions };

/** A method for each operation of the API, under its `operationId`. */
export interface Client extends Operations {
  /** The same client with other options, for one call or for several: `client.with({ signal }).getHead("shop")`. */
  with(options: ClientOptions): Client;
}

/** `baseUrl` without a slash at its end; `key`: a tenant's key, or the admin key for the calls of the operator. */
export function createClient(baseUrl: string, key: string, options: ClientOptions = {}): Client {
  return {
    ...operations(makeApi(baseUrl, key, options)),
    with: (more) => createClient(baseUrl, key, { ...options, ...more }),
  };
}
