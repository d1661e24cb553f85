// Turns a finished training into a version: its digest, the verdict on promotion, and one transaction for all of it.

import { isTerminal } from "../../src/contract/jobs.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { canonicalJson, sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { type Clock, timestamp } from "../../src/core/clock.ts";
import type { Checkpoint } from "../../src/engine/checkpoint.ts";
import { encodeTrainedHead } from "../../src/engine/heads/trained-head.ts";
import { outcomeOfTraining, type TrainingOutcome } from "../../src/engine/outcome.ts";
import type { TrainingData } from "../../src/engine/training-data.ts";
import { type Job, succeed } from "../../src/lifecycle/job.ts";
import type { PromotionVerdict } from "../../src/lifecycle/promotion.ts";
import type { VersionRecord } from "../tables/versions.ts";
import { clearTraining } from "./checkpoint.ts";
import { judgeCandidate, roundHeads } from "./rounds.ts";
import type { HeadMeta, HeadStore } from "./store.ts";

type Described = Omit<VersionRecord, "digest" | "job" | "created_at">;

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
  const verdict = await judgeCandidate(store, job, state, outcome, { data, turn });
  store.storage.transactionSync(() => {
    const open = store.jobs.get(id);
    if (!open || isTerminal(open.status)) return;
    const record = { ...described, digest, job: id, created_at: timestamp(now()) };
    const version = store.versions.add(record, outcome.final, roundHeads(store, outcome), now());
    if (verdict.promote) store.meta.set("live", { version });
    store.jobs.put(succeed(open, version, now()));
    tell(store, id, version, outcome, verdict, now());
    clearTraining(store);
  });
}

function describe(store: HeadStore, job: Job, dataset: HeadMeta["dataset"], outcome: TrainingOutcome, seed: number): Described {
  const { recipe, metrics, calibration } = outcome;
  const { recipe: name, options } = job.request;
  return {
    recipe: { name, ...(Object.keys(options).length > 0 ? { options } : {}), ...recipe },
    seed,
    backbone: store.config.backbone,
    dataset: { digest: dataset.digest, examples: dataset.examples, labels: [...dataset.labels] },
    metrics: { ...metrics, baseline: dataset.baseline },
    calibration,
  };
}

/** Covers the weights of all models and everything said of them; not when or by which job they were made. */
async function digestOfVersion(
  described: Described,
  { final, selected }: TrainingOutcome,
): Promise<VersionView["digest"]> {
  const weights = await Promise.all([final, ...selected].map((head) => sha256Hex(encodeTrainedHead(head))));
  return `sha256:${await sha256Hex(utf8(canonicalJson({ ...described, weights })))}`;
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
