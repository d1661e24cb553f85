// What a tenant used, by day and head; and what Workers, heads and the tenant's object tell one another about it.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { json, type Later, later, pageOf, pageQuery, problems, security, slug } from "./common.ts";

const day = z.iso.date().max(LIMITS.timeChars).openapi({ example: "2026-11-23" });

const usageRow = later(() =>
  z
    .object({
      day: day.openapi({ description: "UTC" }),
      head: slug.nullable().openapi({ description: "null: requests that were about no head" }),
      requests: z.int(),
      inputs: z.int().openapi({ description: "Predicted" }),
      examples: z.int().openapi({ description: "Added" }),
      training_seconds: z.number().openapi({ description: "Seconds of work" }),
      storage_bytes: z.int().openapi({ description: "At the end of the day, as last reported" }),
    })
    .openapi("Usage"),
);
export type UsageRow = Later<typeof usageRow>;

export const usageQuery = pageQuery.extend({
  from: day.optional().openapi({ description: "The first day; without it the last 30" }),
  to: day.optional().openapi({ description: "The last day" }),
  head: slug.optional(),
});
export type UsageQuery = z.infer<typeof usageQuery>;

export const listUsage = createRoute({
  tags: ["Usage"],
  security,
  method: "get",
  path: "/v1/usage",
  operationId: "listUsage",
  summary: "List what was used, by day and head; the counts of other Workers come in within seconds",
  request: { query: usageQuery },
  responses: { 200: json(pageOf(usageRow), "A page, by day and head"), ...problems },
});

/** Counts of one head, or of none (""), since the last report. */
export interface Counts {
  requests: number;
  inputs: number;
  examples: number;
}

/** What a Worker did with the last lease of a budget, and asks for. Tokens are requests or inputs. */
export interface Ask {
  /** Spent without a lease. */
  readonly debt: number;
  /** Of the last lease, given back. */
  readonly unused: number;
  /** The second in which that lease was granted. */
  readonly second: number;
  /** Tokens that requests are waiting for. */
  readonly waiting: number;
  /** Tokens that may be spent before the next ask, if demand stays as it is. */
  readonly want: number;
}

export interface Lease {
  readonly tokens: number;
  /** When it was granted: seconds since the epoch, by the object's clock. */
  readonly second: number;
  /** Tokens in a minute. */
  readonly limit: number;
  /** Tokens that nobody holds, after this lease. */
  readonly left: number;
  /** Seconds until tokens come free that were spent before. */
  readonly freeInSeconds: number;
}

/** A budget by name: of the tenant, or `key/` and the id of a key that has one of its own. */
export type BudgetName = "requests" | "inputs" | `key/${string}`;

export interface Settlement {
  /** Of the tenant as the Worker knows it: an id may have another tenant by now. */
  readonly space: string;
  readonly asks: Readonly<Partial<Record<BudgetName, Ask>>>;
  readonly counts: Readonly<Record<string, Counts>>;
}

export interface Settled {
  readonly leases: Readonly<Partial<Record<BudgetName, Lease>>>;
}

/** Totals of a head since it was made: told twice, they count once. */
export interface HeadReport {
  readonly space: string;
  readonly head: string;
  readonly trainedSeconds: number;
  readonly storageBytes: number;
}

/** What the tenant's quotas leave: below zero when they are overdrawn. */
export interface Allowance {
  readonly storageBytesLeft: number;
  readonly trainingSecondsLeft: number;
}
