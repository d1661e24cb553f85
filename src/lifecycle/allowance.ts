// How much a head may still store and train: its tenant's quotas minus the usage of all its heads, as last reported by the
// tenant.
import type { Principal } from "../contract/tenant-rpc.ts";
import type { Allowance } from "../contract/usage.ts";
import { DAY_MS, dayOf } from "../core/clock.ts";
import { Fault } from "../core/problems.ts";

/** Training work and storage of a head since its creation. */
export interface HeadTotals {
  /** Seconds of work. */
  readonly trainedSeconds: number;
  readonly storageBytes: number;
}

/** Totals that a head may reach. */
export interface Allowed extends HeadTotals {
  /** When the tenant granted this (ms since the epoch). Work is allowed only on that day (UTC). */
  readonly at: number;
}

/** The record that a head's object stores about its usage. */
export interface UseRecord {
  /** The owner of the head; absent if no tenant created it. */
  owner: Pick<Principal, "tenant" | "space">;
  /** Operations of all jobs before `job`, and of that job so far. */
  work: { readonly done: number; readonly job: string; readonly operations: number };
  /** The last allowance from its tenant. */
  allowed: Allowed;
}

export const allowedOf = (totals: HeadTotals, left: Allowance, at: number): Allowed => ({
  at,
  trainedSeconds: totals.trainedSeconds + left.trainingSecondsLeft,
  storageBytes: totals.storageBytes + left.storageBytesLeft,
});

export const hasRoom = (allowed: Allowed | null, { storageBytes }: Pick<HeadTotals, "storageBytes">): boolean =>
  allowed === null || storageBytes < allowed.storageBytes;

export function assertRoom(allowed: Allowed | null, totals: Pick<HeadTotals, "storageBytes">): void {
  if (hasRoom(allowed, totals)) return;
  const detail =
    "The tenant's heads hold as many bytes as its quota storage_bytes; delete examples, versions or heads first";
  throw new Fault("quota_exceeded", detail);
}

/** Work counts per day (UTC), so an allowance from another day does not limit it. */
export function assertWork(
  allowed: Allowed | null,
  { trainedSeconds }: Pick<HeadTotals, "trainedSeconds">,
  now: number,
): void {
  if (!allowed || dayOf(allowed.at) !== dayOf(now) || trainedSeconds < allowed.trainedSeconds) return;
  const retryAfterSeconds = Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000);
  const detail =
    "The tenant has trained as much today as its quota training_seconds_per_day; the day ends at 00:00 UTC";
  throw new Fault("quota_exceeded", detail, { retryAfterSeconds });
}
