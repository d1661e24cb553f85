// A head's use of its tenant's quotas. The head reports totals to the tenant's object from time to time, so a repeated or lost
// report counts once. It refuses requests by the allowance that the tenant returned last.
import type { TenantRpc } from "../../src/contract/tenant-rpc.ts";
import type { Clock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { logEvent } from "../../src/core/log.ts";
import { unwrap } from "../../src/core/problems.ts";
import { WORK } from "../../src/core/work.ts";
import { allowedOf, assertRoom, assertWork, type HeadTotals, hasRoom } from "../../src/lifecycle/allowance.ts";
import { filesOf } from "../tables/files.ts";
import type { HeadStore } from "./store.ts";
import type { HeadTools } from "./tools.ts";

const RETRY_MS = 60_000;

export interface ReportTools {
  readonly now: Clock;
  tenant(id: string): Pick<TenantRpc, "reportHead">;
  /** False once the head was deleted, which can happen during a report. */
  isCurrent(): boolean;
}

/**
 * Reports totals to the tenant and stores its allowance. Never throws: a failed report is retried. A head without owner reports
 * nothing.
 */
export async function reportUse(store: HeadStore, { now, tenant, isCurrent }: ReportTools): Promise<void> {
  const owner = store.meta.get("owner");
  if (!owner) return;
  store.alarms.clear("usage");
  const totals = totalsOf(store);
  try {
    const report = { ...totals, head: store.config.id, space: owner.space };
    const left = unwrap(await tenant(owner.tenant).reportHead(report));
    if (isCurrent()) store.meta.set("allowed", allowedOf(totals, left, now()));
  } catch (error) {
    logEvent("error", "report_use_failed", { head: store.config.id, error: String(error) });
    if (isCurrent()) await store.alarms.set("usage", now() + RETRY_MS);
  }
}

/** Schedules a report within `LIMITS.reportSeconds`. */
export async function reportSoon(store: HeadStore, now: number): Promise<void> {
  const at = now + LIMITS.reportSeconds * 1_000;
  if (store.meta.get("owner") && !store.alarms.due(at).includes("usage")) await store.alarms.set("usage", at);
}

/** Throws if the tenant has no storage left for `bytes` more in the bucket. Fetches a fresh allowance before it refuses. */
export async function admitUpload(tools: HeadTools, bytes = 0): Promise<void> {
  const { store, now } = tools;
  const totals = () => {
    const { storageBytes } = totalsOf(store);
    return { storageBytes: storageBytes + bytes };
  };
  const allowed = store.meta.get("allowed");
  const isKnown = allowed !== null && now() - allowed.at < LIMITS.allowanceSeconds * 1_000;
  if (!isKnown || !hasRoom(allowed, totals())) await askTenant(tools);
  assertRoom(store.meta.get("allowed"), totals());
}

/** Throws when the tenant has no training work left today, or no storage for another version. */
export function assertMayTrain(store: HeadStore, now: number): void {
  const [allowed, totals] = [store.meta.get("allowed"), totalsOf(store)];
  assertWork(allowed, totals, now);
  assertRoom(allowed, totals);
}

/** Fetches a fresh allowance from the tenant. */
export const askTenant = ({ reportUse: report }: HeadTools): Promise<void> => report();

/** Stores the operations of a job so far. Work that is repeated after a crash counts once. */
export function noteWork({ meta }: HeadStore, job: string, operations: number): void {
  const before = meta.get("work") ?? { done: 0, job, operations: 0 };
  const done = before.job === job ? before.done : before.done + before.operations;
  meta.set("work", { done, job, operations });
}

export function totalsOf(store: HeadStore): HeadTotals {
  const { meta, storage } = store;
  const { done, operations } = meta.get("work") ?? { done: 0, operations: 0 };
  return {
    trainedSeconds: (done + operations) / WORK.perSecond,
    storageBytes: storage.sql.databaseSize + filesOf(store).bucketBytes(),
  };
}
