// A candidate against the version that is live, on rows that neither was fitted on.
import type { Metrics } from "../../src/contract/metrics.ts";
import type { Checkpoint } from "../../src/engine/checkpoint.ts";
import { evaluateHeads } from "../../src/engine/evaluate.ts";
import { headFinder, type RoundHeads } from "../../src/engine/heads/round-heads.ts";
import type { TrainingOutcome } from "../../src/engine/outcome.ts";
import type { TrainingData } from "../../src/engine/training-data.ts";
import type { Job } from "../../src/lifecycle/job.ts";
import { type PromotionVerdict, verdictOnPromotion } from "../../src/lifecycle/promotion.ts";
import type { HeadStore } from "./store.ts";

interface JudgeTools {
  readonly data: TrainingData;
  readonly turn: () => Promise<void>;
}

export async function judgeCandidate(
  store: HeadStore,
  job: Job,
  state: Checkpoint,
  { metrics }: TrainingOutcome,
  tools: JudgeTools,
): Promise<PromotionVerdict> {
  const live = store.meta.get("live");
  const rounds = live && store.versions.rounds(live.version);
  const liveMetrics = rounds && (await metricsOfLive(store, live.version, rounds, state, tools));
  const metric = store.meta.get("policy")?.metric ?? "log_loss";
  return verdictOnPromotion({ promote: job.request.promote, metric, candidate: metrics.validation, live: liveMetrics });
}

/**
 * Figures of the live version on the rows that the candidate's are of, each row by a head that has not seen it. A single
 * head has seen most of the rows that a candidate of several rounds, or of leave-one-out, is judged on: of it, the figures
 * count that it has of its own rows.
 */
async function metricsOfLive(
  store: HeadStore,
  version: number,
  rounds: RoundHeads,
  state: Checkpoint,
  { data, turn }: JudgeTools,
): Promise<Metrics | null> {
  const { plan, scaler } = state;
  if (!scaler) throw new Error("The training is not done");
  if (rounds.heads.length === 1 && plan.rounds !== 1) return store.versions.record(version)?.metrics.validation ?? null;
  const judged = plan.foldRows.map((_, fold) => fold).slice(0, plan.rounds || plan.foldRows.length);
  const find = headFinder(rounds);
  const words = judged.map((fold) => digestsOf(store, fold));
  const headOf = (part: number | "test", row: number): number => {
    const own = words[part as number] as Int32Array;
    return find(own[2 * row] as number, own[2 * row + 1] as number);
  };
  const { heads } = rounds;
  return evaluateHeads(data, { heads, headOf, parts: judged, labels: plan.labels, scaler, afterBlock: turn });
}

/** What a later candidate needs to know of the folds: with one round, those held out stay where they are. */
export function roundHeads(store: HeadStore, { selected }: TrainingOutcome): RoundHeads {
  const heldOut = selected.length > 1 ? selected.map((_, fold) => digestsOf(store, fold)) : [];
  return { heads: selected, heldOut, deletions: store.meta.get("dataset")?.deletions ?? 0 };
}

function digestsOf(store: HeadStore, fold: number): Int32Array {
  const blocks = [...store.snapshot.names(fold)].map(({ digests }) => digests);
  const all = new Int32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
