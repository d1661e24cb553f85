// Compares a candidate with the live version, on rows that neither was fitted on.
import type { Metrics } from "../../../src/contract/metrics.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { evaluateHeads } from "../../../src/engine/evaluate.ts";
import { evidenceOf } from "../../../src/engine/evidence.ts";
import { headFinder, type KnownRow, type RoundHeads } from "../../../src/engine/heads/round-heads.ts";
import type { TrainedHead } from "../../../src/engine/heads/trained-head.ts";
import type { TrainingOutcome } from "../../../src/engine/outcome.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { type PromotionVerdict, verdictAtEnd, verdictOnPromotion } from "../../../src/lifecycle/promotion.ts";
import { policyOf } from "../backlog.ts";
import { revisionOf } from "../examples/revision.ts";
import type { HeadStore } from "../store.ts";
import type { DataTools } from "./data-tools.ts";

/** Least share of the candidate's held-out rows that the live version has not seen, for a comparison on these rows. */
const ENOUGH_UNSEEN = 0.3;

/** Compares on rows that neither version has seen; where these are too few, by the metrics that each has on its own rows. */
export async function judgeCandidate(
  store: HeadStore,
  job: Job,
  state: Checkpoint,
  { metrics, selected }: TrainingOutcome,
  tools: DataTools,
): Promise<PromotionVerdict> {
  const { promote } = job.request;
  const { metric, min_gain: minGain, min_metric: minMetric } = policyOf(store);
  const terms = { promote, metric, minGain, minMetric };
  const live = store.meta.get("live");
  const rounds = live && store.versions.rounds(live.version);
  if (!rounds) {
    const mostFrequent = store.meta.get("dataset")?.baseline.accuracy ?? 0;
    const evidence = evidenceOf(state, metrics.validation, metric, mostFrequent);
    return verdictOnPromotion({ ...terms, candidate: metrics.validation, live: null, evidence });
  }
  await tools.turns.take();
  const unseen = unseenRows(store, rounds, state.plan.rounds);
  await tools.turns.take();
  // The live version cannot score features of another revision.
  const isComparable = revisionOf(store, live.version) === (store.meta.get("dataset")?.revision ?? null);
  if (!isComparable || unseen.share < ENOUGH_UNSEEN) {
    const own = store.versions.record(live.version)?.metrics.validation ?? null;
    return verdictOnPromotion({ ...terms, candidate: metrics.validation, live: own });
  }
  const compared = { state, unseen, tools };
  return verdictOnPromotion({
    ...terms,
    candidate: await metricsOn(compared, selected, (fold, head) => (head === null ? null : fold)),
    live: await metricsOn(compared, rounds.heads, (_, head) => head),
  });
}

export const liveVersion = ({ meta }: HeadStore): number | null => meta.get("live")?.version ?? null;

/** The verdict as it is now; `compared`: the version that was live when the candidate was judged. */
export const verdictNow = (
  store: HeadStore,
  { request }: Job,
  { judged, compared }: { readonly judged: PromotionVerdict; readonly compared: number | null },
): PromotionVerdict => verdictAtEnd(judged, request.promote, { compared, live: liveVersion(store) });

interface UnseenRows {
  /** By held-out fold and row: a head of the live version that has not seen the row; null where each may have seen it. */
  readonly heads: readonly (readonly (number | null)[])[];
  /** Share of the held-out rows that have such a head. */
  readonly share: number;
}

/** `folds`: number of folds that are held out in turn. */
export function unseenRows(store: HeadStore, rounds: RoundHeads, folds: number): UnseenRows {
  const find = headFinder(rounds);
  const heads = Array.from({ length: folds }, (_, fold) => namesOf(store, fold).map(find));
  const all = heads.flat();
  return { heads, share: all.filter((head) => head !== null).length / Math.max(1, all.length) };
}

interface Compared {
  readonly state: Checkpoint;
  readonly unseen: UnseenRows;
  readonly tools: DataTools;
}

function metricsOn(
  { state: { plan, scaler }, unseen, tools: { data, turns } }: Compared,
  heads: readonly TrainedHead[],
  headFor: (fold: number, unseenBy: number | null) => number | null,
): Promise<Metrics> {
  if (!scaler) throw new Error("The training is not done");
  const headOf = (part: number | "test", row: number): number | null =>
    headFor(part as number, unseen.heads[part as number]?.[row] ?? null);
  const parts = unseen.heads.map((_, fold) => fold);
  return evaluateHeads(data, {
    heads,
    headOf,
    parts,
    labels: plan.labels,
    scaler,
    valueOffset: plan.valueOffset,
    turns,
  });
}

/** The heads and rows that a later comparison needs. A head judged by leave-one-out has seen every row, so it is left out. */
export async function roundHeads(
  store: HeadStore,
  { plan }: Checkpoint,
  { selected }: TrainingOutcome,
  turns: DataTools["turns"],
): Promise<RoundHeads> {
  const heldOut: Int32Array[] = [];
  let lastExample = 0;
  for (const fold of plan.foldRows.keys()) {
    const rows = namesOf(store, fold);
    for (const { example } of rows) lastExample = Math.max(lastExample, example);
    if (fold < plan.rounds) heldOut.push(Int32Array.from(rows.flatMap(({ high, low }) => [high, low])));
    await turns.take();
  }
  return {
    heads: plan.rounds === 0 ? [] : selected,
    heldOut,
    lastExample,
    deletions: store.meta.get("dataset")?.deletions ?? 0,
  };
}

function namesOf(store: HeadStore, fold: number): KnownRow[] {
  return [...store.snapshot.names(fold)].flatMap(({ digests, examples }) =>
    Array.from(examples, (example, r) => ({
      high: digests[2 * r] as number,
      low: digests[2 * r + 1] as number,
      example,
    })),
  );
}
