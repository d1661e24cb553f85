// The backlog of a head as it is kept: each change of it goes in the transaction of what it reports, with the time of the
// next decision, so that a kill loses neither.
import type { Policy } from "../../src/contract/policy.ts";
import { type FaultData, PROBLEMS } from "../../src/core/problems.ts";
import * as Backlogs from "../../src/lifecycle/backlog.ts";
import type { Job } from "../../src/lifecycle/job.ts";
import { DEFAULT_POLICY, decideTraining } from "../../src/lifecycle/policy.ts";
import { emitEvent } from "./outbox.ts";
import type { HeadStore } from "./store.ts";

export const policyOf = ({ meta }: HeadStore): Policy => meta.get("policy") ?? DEFAULT_POLICY;

export const backlogOf = ({ meta }: HeadStore): Backlogs.Backlog => meta.get("backlog") ?? Backlogs.EMPTY_BACKLOG;

/** Keeps `backlog` and notes when the policy is to decide next. Whoever calls arms the alarms after the transaction. */
export function keepBacklog(store: HeadStore, backlog: Backlogs.Backlog, now: number): void {
  store.meta.set("backlog", backlog);
  const decision = decideTraining(policyOf(store), { backlog, isJobOpen: store.jobs.open() !== null }, now);
  if (decision.kind !== "nothing") store.alarms.note("policy", decision.kind === "wake" ? decision.at : now);
}

/** Examples were added, changed or deleted: call it in the transaction that does so. */
export function countChanges(store: HeadStore, count: number, now: number): void {
  if (count > 0) keepBacklog(store, Backlogs.withChanges(backlogOf(store), count, now), now);
}

/** A job reads the examples from here on. A verification makes no version, so what it reads still waits for one. */
export function beginReading(store: HeadStore, { id, request }: Job): void {
  if (request.verify === undefined) store.meta.set("backlog", Backlogs.withReading(backlogOf(store), id));
}

/** What a training came to: a version, or none, for a reason or because it was cancelled. */
export type ReadingOutcome = "version" | { readonly fault: FaultData | null };

/** A job has ended: call it in the transaction that has ended it. */
export function endReading(store: HeadStore, job: Job, outcome: ReadingOutcome, now: number): void {
  const backlog = backlogOf(store);
  if (job.request.verify !== undefined) keepBacklog(store, backlog, now);
  else if (outcome === "version") keepBacklog(store, Backlogs.afterVersion(backlog), now);
  else if (outcome.fault && job.trigger.kind !== "api") refuseTraining(store, backlog, outcome.fault, now, job.id);
  else keepBacklog(store, Backlogs.afterFailure(backlog, outcome.fault && refusalOf(outcome.fault, now)), now);
}

/**
 * A training that the policy or a webhook wanted came to nothing: that is kept, and the tenant told once for each reason. Call it
 * in a transaction. `job`: of one that had begun.
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

const refusalOf = ({ code, detail }: FaultData, now: number): Backlogs.Refusal => ({ code, detail, at: now });
