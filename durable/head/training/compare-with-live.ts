// Compares a candidate with the live version, on rows that neither was fitted on.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { evidenceOf } from "../../../src/engine/evidence.ts";
import type { TrainingOutcome } from "../../../src/engine/outcome.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { type PromotionVerdict, verdictAtEnd, verdictOnPromotion } from "../../../src/lifecycle/promotion.ts";
import { policyOf } from "../backlog.ts";
import { revisionOf } from "../examples/revision.ts";
import type { HeadStore } from "../store.ts";
import type { DataTools } from "./data-tools.ts";
import { metricsOn, unseenRows } from "./unseen-rows.ts";

/** Least share of the candidate's held-out rows that the live version has not seen, for a comparison on these rows. */
const ENOUGH_UNSEEN = 0.3;

/** Compares on rows that neither version has seen; if these are too few, by the metrics of each version on its own rows. */
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
