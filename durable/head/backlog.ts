// Stores the backlog of a head. Each function runs in the transaction of the change that it counts and sets the time of the
// next policy decision, so that a crash cannot lose either.
import type { Policy } from "../../src/contract/policy.ts";
import { type FaultData, PROBLEMS } from "../../src/core/problems.ts";
import * as Backlogs from "../../src/lifecycle/backlog.ts";
import type { Job } from "../../src/lifecycle/job.ts";
import { DEFAULT_POLICY, decideTraining } from "../../src/lifecycle/policy.ts";
import { emitEvent } from "./outbox.ts";
import type { HeadStore } from "./store.ts";

export const policyOf = ({ meta }: HeadStore): Policy => meta.get("policy") ?? DEFAULT_POLICY;

export const backlogOf = ({ meta }: HeadStore): Backlogs.Backlog => meta.get("backlog") ?? Backlogs.EMPTY_BACKLOG;

/** Stores `backlog` and notes when the policy decides next. The caller arms the alarms after the transaction. */
export function keepBacklog(store: HeadStore, backlog: Backlogs.Backlog, now: number): void {
  store.meta.set("backlog", backlog);
  const decision = decideTraining(policyOf(store), { backlog, isJobOpen: store.jobs.open() !== null }, now);
  if (decision.kind !== "nothing") store.alarms.note("policy", decision.kind === "wake" ? decision.at : now);
}

/** Counts added, changed or deleted examples. Call it in the transaction that writes them. */
export function countChanges(store: HeadStore, count: number, now: number): void {
  if (count > 0) keepBacklog(store, Backlogs.withChanges(backlogOf(store), count, now), now);
}

/**
 * Changes examples and counts how many, in one transaction. `change` must not emit an event: the commit happens some microtasks
 * after `change` returns, and the report of an event would begin before that. No other request runs in between.
 * PLATFORM: `transaction` is an outermost savepoint. `transactionSync` is a nested one, for which SQLite copies each page before
 * it changes the page, as for some statements (see insert-rows.ts).
 */
export async function changeExamples<T>(
  store: HeadStore,
  now: number,
  change: () => T,
  countOf: (result: T) => number = () => 1,
): Promise<T> {
  const result = await store.storage.transaction(async () => {
    const changed = change();
    countChanges(store, countOf(changed), now);
    return changed;
  });
  await store.alarms.arm();
  return result;
}

/** Notes that a job starts to read the examples. A verification makes no version, so it does not shorten the backlog. */
export function beginReading(store: HeadStore, { id, request }: Job): void {
  if (request.verify === undefined) store.meta.set("backlog", Backlogs.withReading(backlogOf(store), id));
}

/** How a training ended: with a version, with a fault, or cancelled (`fault` is null). */
export type ReadingOutcome = "version" | { readonly fault: FaultData | null };

/** Updates the backlog when a job ends. Call it in the transaction that ends the job. */
export function endReading(store: HeadStore, job: Job, outcome: ReadingOutcome, now: number): void {
  const backlog = backlogOf(store);
  if (job.request.verify !== undefined) keepBacklog(store, backlog, now);
  else if (outcome === "version") keepBacklog(store, Backlogs.afterVersion(backlog), now);
  else if (outcome.fault && job.trigger.kind !== "api") refuseTraining(store, backlog, outcome.fault, now, job.id);
  else keepBacklog(store, Backlogs.afterFailure(backlog, outcome.fault && refusalOf(outcome.fault, now)), now);
}

/**
 * Stores why a training that the policy or a webhook requested was refused, and emits one event per reason. Call it in a
 * transaction. `job`: set if the training had begun.
 */
export function refuseTraining(
  store: HeadStore,
  backlog: Backlogs.Backlog,
  fault: FaultData,
  now: number,
  job?: string,
): void {
  const { code } = fault;
  const after = Backlogs.afterFailure(backlog, refusalOf(fault, now));
  keepBacklog(store, Backlogs.withRefusalTold(after, code), now);
  if (!Backlogs.isNews(backlog, code)) return;
  const reason = PROBLEMS[code].title;
  emitEvent(store, "training.refused", job === undefined ? { code, reason } : { code, reason, job }, now);
}

const refusalOf = ({ code, detail }: FaultData, now: number): Backlogs.TrainingRefusal => ({ code, detail, at: now });
