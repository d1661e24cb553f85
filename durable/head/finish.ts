// Turns a finished training into a version, with the verdict on promotion, in one transaction; or into a verdict on one.

import { isTerminal } from "../../src/contract/jobs.ts";
import { type Clock, timestamp } from "../../src/core/clock.ts";
import type { Checkpoint } from "../../src/engine/checkpoint.ts";
import { outcomeOfTraining, type TrainingOutcome } from "../../src/engine/outcome.ts";
import type { TrainingData } from "../../src/engine/training-data.ts";
import { succeed } from "../../src/lifecycle/job.ts";
import type { PromotionVerdict } from "../../src/lifecycle/promotion.ts";
import { clearTraining } from "./checkpoint.ts";
import { describe, digestOfVersion } from "./describe.ts";
import { findLabelIssues } from "./find-label-issues.ts";
import { emitEvent } from "./outbox.ts";
import { judgeCandidate, roundHeads } from "./rounds.ts";
import type { HeadStore } from "./store.ts";
import { endVerification } from "./verify.ts";

interface FinishTools {
  readonly now: Clock;
  readonly turn: () => Promise<void>;
  /** The rows of the job. */
  readonly data: TrainingData;
}

/** Writes the version, ends the job and moves the pointer to live, all or nothing; nothing if the job was cancelled. */
export async function finishTraining(
  store: HeadStore,
  id: string,
  state: Checkpoint,
  { now, turn, data }: FinishTools,
): Promise<void> {
  const job = store.jobs.get(id);
  const dataset = store.meta.get("dataset");
  if (!job || !dataset) return;
  const outcome = outcomeOfTraining(state);
  const described = describe(store, job, dataset, outcome, state.plan.seed);
  const digest = await digestOfVersion(described, outcome);
  if (job.request.verify !== undefined) return endVerification(store, id, digest, now());
  const verdict = await judgeCandidate(store, job, state, outcome, { data, turn });
  const issues = await findLabelIssues(store, state, { data, turn });
  store.storage.transactionSync(() => {
    const open = store.jobs.get(id);
    if (!open || isTerminal(open.status)) return;
    const record = { ...described, digest, job: id, created_at: timestamp(now()) };
    const version = store.versions.add(record, outcome.final, roundHeads(store, state, outcome), now());
    store.versions.issues.put(version, issues);
    if (verdict.promote) store.meta.set("live", { version });
    store.jobs.put(succeed(open, version, now()));
    tell(store, id, version, outcome, verdict, now());
    emit(store, id, version, verdict, now());
    clearTraining(store);
  });
}

function emit(store: HeadStore, job: string, version: number, { promote }: PromotionVerdict, now: number): void {
  emitEvent(store, "job.succeeded", { job, version }, now);
  emitEvent(store, "version.created", { version, job }, now);
  if (promote) emitEvent(store, "version.promoted", { version }, now);
}

function tell(
  store: HeadStore,
  job: string,
  version: number,
  { metrics }: TrainingOutcome,
  verdict: PromotionVerdict,
  now: number,
): void {
  const figures = Object.entries(metrics.validation).filter(([, value]) => typeof value === "number");
  store.events.add(job, "metrics", Object.fromEntries(figures), now);
  store.events.add(
    job,
    "message",
    { text: `version ${version} ${verdict.promote ? "goes live" : "is not live"}: ${verdict.reason}` },
    now,
  );
  store.events.add(job, "succeeded", { version, live: verdict.promote, progress: 1 }, now);
}
