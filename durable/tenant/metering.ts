// A tenant's limits and usage in its object: leases budgets to Workers, receives their counts and the totals of heads, and
// lists usage.
import type {
  Allowance,
  BudgetName,
  BudgetRequest,
  HeadReport,
  Lease,
  Settled,
  Settlement,
} from "../../src/contract/usage.ts";
import { DAY_MS, dayOf } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { type Granted, grantLease, recent } from "../../src/lifecycle/budget.ts";
import type { TenantCalls } from "./calls.ts";
import { quotasOf } from "./record.ts";
import type { TenantStore } from "./store.ts";

const LISTED_DAYS = 30;

export const meteringCalls: TenantCalls<"settle" | "reportHead" | "listUsage"> = {
  settle: (store, settlement) => settle(store, settlement, Date.now()),
  reportHead: (store, report) => reportHead(store, report, Date.now()),
  listUsage: ({ usage }, query) => {
    const now = Date.now();
    return usage.list(query.from ?? dayOf(now - (LISTED_DAYS - 1) * DAY_MS), query.to ?? dayOf(now), query);
  },
};

function settle(store: TenantStore, { space, asks, counts }: Settlement, now: number): Settled {
  assertSpace(store, space);
  const second = Math.floor(now / 1_000);
  const granted: Record<string, Granted> = {};
  for (const [name, before] of Object.entries(store.meta.get("granted") ?? {})) {
    const counting = recent(before, second);
    if (counting.length > 0) granted[name] = counting;
  }
  const leases: Partial<Record<BudgetName, Lease>> = {};
  for (const [name, ask] of Object.entries(asks) as [BudgetName, BudgetRequest][]) {
    const next = grantLease(granted[name] ?? [], ask, limitOf(store, name), second);
    granted[name] = next.granted;
    leases[name] = next.lease;
  }
  store.meta.set("granted", granted);
  for (const [head, counted] of Object.entries(counts)) {
    store.usage.count(dayOf(now), store.heads.has(head) ? head : "", counted);
  }
  store.usage.prune(dayOf(now - LIMITS.usageDays * DAY_MS));
  return { leases };
}

function limitOf(store: TenantStore, name: BudgetName): number {
  if (name === "requests") return quotasOf(store.tenant()).requests_per_minute;
  if (name === "inputs") return quotasOf(store.tenant()).inputs_per_minute;
  return store.keys.rateOf(name.slice("key/".length));
}

function reportHead(store: TenantStore, report: HeadReport, now: number): Allowance {
  assertSpace(store, report.space);
  if (!store.heads.has(report.head)) throw new Fault("not_found", `There is no head "${report.head}"`);
  store.usage.report(dayOf(now), report);
  const quotas = quotasOf(store.tenant());
  return {
    storageBytesLeft: quotas.storage_bytes - store.usage.storageBytes() - store.idempotency.bytes(),
    trainingSecondsLeft: quotas.training_seconds_per_day - store.usage.trainedSeconds(dayOf(now)),
  };
}

/** The id may belong to another tenant by now. */
function assertSpace(store: TenantStore, space: string): void {
  if (store.tenant().space !== space) throw new Fault("not_found", "The tenant was deleted");
}
