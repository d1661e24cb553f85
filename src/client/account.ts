// Calls about a tenant's own account: keys and usage.
import type { Page, PageQuery } from "../contract/common.ts";
import type { CreatedKey, KeyView, NewKey } from "../contract/keys.ts";
import type { UsageQuery, UsageRow } from "../contract/usage.ts";
import { type Api, jsonBody, path } from "./api.ts";

export const accountCalls = (api: Api) => ({
  /** The answer shows `key` only once. */
  createKey: (key: NewKey): Promise<CreatedKey> => api.json("POST", "/v1/keys", { body: jsonBody(key) }),

  listKeys: (query?: PageQuery): Promise<Page<KeyView>> => api.json("GET", "/v1/keys", { query }),

  revokeKey: (id: string): Promise<void> => api.json("DELETE", path`/v1/keys/${id}`),

  /** A page of usage by day and head. */
  listUsage: (query?: UsageQuery): Promise<Page<UsageRow>> => api.json("GET", "/v1/usage", { query }),
});
