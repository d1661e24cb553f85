// Usage of a tenant, by day and head; and the data that Workers, heads and the tenant's object exchange about it.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { json, type Later, later, pageOf, pageQuery, problems, security, slug } from "./common.ts";

const day = z.iso.date().max(LIMITS.timeChars).openapi({ example: "2026-11-23" });

const usageRow = later(() =>
  z
    .object({
      day: day.openapi({ description: "UTC" }),
      head: slug.nullable().openapi({ description: "null: requests without a head" }),
      requests: z.int(),
      inputs: z.int().openapi({ description: "Predicted" }),
      examples: z.int().openapi({ description: "Added" }),
      training_seconds: z.number().openapi({ description: "Seconds of work" }),
      storage_bytes: z.int().openapi({ description: "Bytes at the end of the day, as last reported" }),
    })
    .openapi("Usage"),
);
export type UsageRow = Later<typeof usageRow>;

export const usageQuery = pageQuery.extend({
  from: day.optional().openapi({ description: "The first day; default: the last 30 days" }),
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
  summary: "List usage by day and head. Counts of other Workers arrive within seconds",
  request: { query: usageQuery },
  responses: { 200: json(pageOf(usageRow), "A page, by day and head"), ...problems },
});

/** Counts of one head, or of requests without a head (""), since the last report. */
export interface Counts {
  requests: number;
  inputs: number;
  examples: number;
}

/** How a Worker used its last lease of a budget, and what it requests. Tokens are requests or inputs. */
export interface BudgetRequest {
  /** Tokens spent without a lease. */
  readonly debt: number;
  /** Tokens of the last lease that are returned. */
  readonly unused: number;
  /** The second in which that lease was granted. */
  readonly second: number;
  /** Tokens that requests are waiting for. */
  readonly waiting: number;
  /** Tokens that may be spent before the next request for a lease, at the current demand. */
  readonly want: number;
}

export interface Lease {
  readonly tokens: number;
  /** When it was granted: seconds since the epoch, by the object's clock. */
  readonly second: number;
  /** Tokens per minute. */
  readonly limit: number;
  /** Tokens that are not granted, after this lease. */
  readonly left: number;
  /** Seconds until spent tokens become free again. */
  readonly freeInSeconds: number;
}

/** Name of a budget: of the tenant, or `key/` and the id of a key with its own budget. */
export type BudgetName = "requests" | "inputs" | `key/${string}`;

export interface Settlement {
  /** The tenant's space as the Worker knows it: the id may belong to another tenant by now. */
  readonly space: string;
  readonly asks: Readonly<Partial<Record<BudgetName, BudgetRequest>>>;
  readonly counts: Readonly<Record<string, Counts>>;
}

export interface Settled {
  readonly leases: Readonly<Partial<Record<BudgetName, Lease>>>;
}

/** Totals of a head since its creation: reporting them twice counts once. */
export interface HeadReport {
  readonly space: string;
  readonly head: string;
  readonly trainedSeconds: number;
  readonly storageBytes: number;
}

/** The amount that the tenant's quotas leave; negative if they are exceeded. */
export interface Allowance {
  readonly storageBytesLeft: number;
  readonly trainingSecondsLeft: number;
}
