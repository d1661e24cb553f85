// Calls about heads: their settings, policy, and which versions answer.
import type { Page, PageQuery } from "../contract/common.ts";
import type { HeadPatch, HeadView, ListedHead, NewHead } from "../contract/heads.ts";
import type { NewPolicy, Policy } from "../contract/policy.ts";
import type { Stats } from "../contract/stats.ts";
import type { RolledBack, TrafficBody, TrafficView } from "../contract/traffic.ts";
import { type Api, jsonBody, path } from "./api.ts";

export const headCalls = (api: Api) => ({
  createHead: (head: NewHead): Promise<HeadView> => api.json("POST", "/v1/heads", { body: jsonBody(head) }),

  /** A page of heads. One that cannot be read has only `id` and `error`. */
  listHeads: (query?: PageQuery): Promise<Page<ListedHead>> => api.json("GET", "/v1/heads", { query }),

  getHead: (head: string): Promise<HeadView> => api.json("GET", path`/v1/heads/${head}`),

  updateHead: (head: string, patch: HeadPatch): Promise<HeadView> =>
    api.json("PATCH", path`/v1/heads/${head}`, { body: jsonBody(patch) }),

  /** Deletes a head with its examples, jobs and versions. */
  deleteHead: (head: string): Promise<void> => api.json("DELETE", path`/v1/heads/${head}`),

  getPolicy: (head: string): Promise<Policy> => api.json("GET", path`/v1/heads/${head}/policy`),

  /** Replaces the policy: when the head trains automatically, and when a new version goes live. */
  setPolicy: (head: string, policy: NewPolicy): Promise<Policy> =>
    api.json("PUT", path`/v1/heads/${head}/policy`, { body: jsonBody(policy) }),

  getTraffic: (head: string): Promise<TrafficView> => api.json("GET", path`/v1/heads/${head}/traffic`),

  /** Splits traffic between versions, and sets the shadow. */
  setTraffic: (head: string, traffic: TrafficBody): Promise<TrafficView> =>
    api.json("PUT", path`/v1/heads/${head}/traffic`, { body: jsonBody(traffic) }),

  /** Restores the traffic before the last change. */
  rollback: (head: string): Promise<RolledBack> => api.json("POST", path`/v1/heads/${head}/rollback`),

  getStats: (head: string): Promise<Stats> => api.json("GET", path`/v1/heads/${head}/stats`),
});
