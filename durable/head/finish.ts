// Turns a finished training into a version: its digest, the verdict on promotion, and one transaction for all of it.

import { isTerminal } from "../../src/contract/jobs.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { canonicalJson, sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { type Clock, timestamp } from "../../src/core/clock.ts";
import type { Checkpoint } from "../../src/engine/checkpoint.ts";
import { evaluateHead } from "../../src/engine/evaluate.ts";
import { encodeTrainedHead } from "../../src/engine/heads/trained-head.ts";
import { outcomeOfTraining, type TrainingOutcome } from "../../src/engine/outcome.ts";
import { type Job, succeed } from "../../src/lifecycle/job.ts";
import { type PromotionVerdict, verdictOnPromotion } from "../../src/lifecycle/promotion.ts";
import type { VersionRecord } from "../tables/versions.ts";
import { clearTraining } from "./checkpoint.ts";
import type { HeadMeta, HeadStore } from "./store.ts";

type Described = Omit<VersionRecord, "digest" | "job" | "created_at">;

interface FinishTools {
  readonly now: Clock;
  readonly turn: () => Promise<void>;
}

/** Writes the version, ends the job and moves the pointer to live, all or nothing; nothing if the job was cancelled. */
export async function finishTraining(
  store: HeadStore,
  id: string,
  state: Checkpoint,
  { now, turn }: FinishTools,
): Promise<void> {
  const job = store.jobs.get(id);
  const dataset = store.meta.get("dataset");
  if (!job || !dataset) return;
  const outcome = outcomeOfTraining(state);
  const described = describe(store, job, dataset, outcome, state.plan.seed);
  const digest = await digestOfVersion(described, outcome);
  const verdict = await judge(store, job, state, outcome, turn);
  store.storage.transactionSync(() => {
    const open = store.jobs.get(id);
    if (!open || isTerminal(open.status)) return;
    const record = { ...described, digest, job: id, created_at: timestamp(now()) };
    const version = store.versions.add(record, outcome.final, outcome.selected, now());
    if (verdict.promote) store.meta.set("live", { version });
    store.jobs.put(succeed(open, version, now()));
    tell(store, id, version, outcome, verdict, now());
    clearTraining(store);
  });
}

function describe(
  store: HeadStore,
  job: Job,
  dataset: HeadMeta["dataset"],
  outcome: TrainingOutcome,
  seed: number,
): Described {
  const { l2, path, evaluations, metrics, calibration } = outcome;
  return {
    recipe: { name: job.request.recipe, kind: "linear", l2, evaluations, path },
    seed,
    backbone: store.config.backbone,
    dataset: { digest: dataset.digest, examples: dataset.examples, labels: [...dataset.labels] },
    metrics: { ...metrics, baseline: { accuracy: dataset.baseline } },
    calibration,
  };
}

/** Covers the weights of both models and everything said of them; not when or by which job they were made. */
async function digestOfVersion(
  described: Described,
  { final, selected }: TrainingOutcome,
): Promise<VersionView["digest"]> {
  const weights = await Promise.all([final, selected].map((head) => sha256Hex(encodeTrainedHead(head))));
  return `sha256:${await sha256Hex(utf8(canonicalJson({ ...described, weights })))}`;
}

async function judge(
  store: HeadStore,
  job: Job,
  { plan }: Checkpoint,
  { metrics }: TrainingOutcome,
  turn: () => Promise<void>,
): Promise<PromotionVerdict> {
  const live = store.meta.get("live");
  const liveHead = live && store.versions.weights(live.version, "selected");
  const blocks = store.snapshot.blocks(plan.dims);
  const liveMetrics = liveHead && (await evaluateHead(liveHead, blocks, "validation", plan.labels, turn));
  const metric = store.meta.get("policy")?.metric ?? "log_loss";
  return verdictOnPromotion({ promote: job.request.promote, metric, candidate: metrics.validation, live: liveMetrics });
}

function tell(
  store: HeadStore,
  job: string,
  version: number,
  { metrics }: TrainingOutcome,
  verdict: PromotionVerdict,
  now: number,
): void {
  const { accuracy, macro_f1, log_loss, ece, examples } = metrics.validation;
  store.events.add(job, "metrics", { examples, accuracy, macro_f1, log_loss, ece }, now);
  store.events.add(
    job,
    "message",
    { text: `version ${version} ${verdict.promote ? "goes live" : "is not live"}: ${verdict.reason}` },
    now,
  );
  store.events.add(job, "succeeded", { version, live: verdict.promote, progress: 1 }, now);
}
