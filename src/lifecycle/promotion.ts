// Decides whether a new version becomes live: compares metrics of both versions on the same rows, which neither was fitted on.
import type { Metrics, StoredMetrics } from "../contract/metrics.ts";
import type { Policy } from "../contract/policy.ts";
import type { Promotion } from "../contract/recipes.ts";

export interface PromotionVerdict {
  readonly promote: boolean;
  /** For the job's log: the values compared, and their difference. */
  readonly reason: string;
  /** True if the version goes live although too few held-out examples allow a comparison with a constant answer. */
  readonly unproven?: boolean;
}

export interface PromotionQuestion {
  readonly promote: Promotion;
  readonly metric: Policy["metric"];
  /** Least gain, in units of the metric; absent: any gain. */
  readonly minGain?: number | undefined;
  /** The worst value of the metric that may go live; absent: any value. */
  readonly minMetric?: number | undefined;
  readonly candidate: Metrics;
  /**
   * Metrics of the live version on the candidate's validation rows, or on its own ones if it has seen those; null if nothing is
   * live.
   */
  readonly live: Metrics | StoredMetrics | null;
  /** Evidence for the candidate's metric. Needed if nothing is live. */
  readonly evidence?: PromotionEvidence | undefined;
}

/** An interval of a metric, and the metric of a constant answer on the same rows. */
export interface PromotionEvidence {
  readonly examples: number;
  readonly interval: readonly [number, number];
  readonly method: "bootstrap" | "normal";
  readonly baseline: number;
}

/**
 * Least number of held-out examples that prove anything: with fewer, the interval is as wide as the differences of interest.
 */
const LEAST_PROVING_EXAMPLES = 30;

export function verdictOnPromotion(question: PromotionQuestion): PromotionVerdict {
  const { promote, live } = question;
  if (promote === "always") return { promote: true, reason: "the job asked to promote always" };
  if (promote === "never") return { promote: false, reason: "the job asked never to promote" };
  const tooBad = verdictOnFloor(question);
  if (tooBad) return tooBad;
  return live ? verdictOnGain({ ...question, live }) : verdictOnFirst(question);
}

/** The verdict at the end of a job. A version does not go live if the live version has changed since the comparison. */
export function verdictAtEnd(
  verdict: PromotionVerdict,
  promote: Promotion,
  { compared, live }: { readonly compared: number | null; readonly live: number | null },
): PromotionVerdict {
  if (!verdict.promote || promote !== "if_better" || compared === live) return verdict;
  const [before, now] = [compared, live].map((version) => (version === null ? "no version" : `version ${version}`));
  const reason = `it was compared while ${before} was live, and ${now} is live now: promote it yourself if it is better`;
  return { promote: false, reason };
}

/** null: the metric is good enough, or there is no minimum. */
function verdictOnFloor({ candidate, metric, minMetric }: PromotionQuestion): PromotionVerdict | null {
  if (minMetric === undefined) return null;
  const { name, value, higher } = figureFor(candidate, metric);
  if (higher ? value >= minMetric : value <= minMetric) return null;
  const asked = `the policy asks for at ${higher ? "least" : "most"} ${minMetric} (min_metric)`;
  return { promote: false, reason: `not good enough: ${name} ${value.toFixed(4)}, ${asked}` };
}

const METHODS = { bootstrap: "bootstrap", normal: "normal approximation" } as const;

/** Keeps back a version that is no better than a constant answer, because it would only look like a classifier. */
function verdictOnFirst({ candidate, metric, evidence }: PromotionQuestion): PromotionVerdict {
  const { name, higher } = figureFor(candidate, metric);
  const examples = evidence?.examples ?? 0;
  if (!evidence || examples < LEAST_PROVING_EXAMPLES)
    return {
      promote: true,
      unproven: true,
      reason: `nothing was live before; unproven: ${examples} examples were held out, and ${LEAST_PROVING_EXAMPLES} are needed to compare a version with a constant answer`,
    };
  const { interval, method, baseline } = evidence;
  const isProven = higher ? interval[0] > baseline : interval[1] < baseline;
  const figures = `${name} between ${interval[0].toFixed(4)} and ${interval[1].toFixed(4)} (95 % interval, ${METHODS[method]}) against ${baseline.toFixed(4)} of a constant answer`;
  if (isProven)
    return { promote: true, reason: `nothing was live before, and it is better than the baseline: ${figures}` };
  return { promote: false, reason: `not better than the baseline: ${figures}` };
}

function verdictOnGain(question: PromotionQuestion & { readonly live: Metrics | StoredMetrics }): PromotionVerdict {
  const { metric, minGain = 0, candidate, live } = question;
  const { name, value, higher } = figureFor(candidate, metric);
  const before = figureFor(live, metric).value;
  const gain = higher ? value - before : before - value;
  const rounding = ROUNDING * Math.abs(before);
  const figures = `${name} ${value.toFixed(4)} against ${before.toFixed(4)} of the live version`;
  if (!(gain > rounding))
    return { promote: false, reason: `not better: ${figures}${gain < -rounding ? byHowMuch(gain) : ""}` };
  if (gain >= minGain - rounding) return { promote: true, reason: `better: ${figures}` };
  const asked = `a gain of ${gain.toFixed(4)} where the policy asks for ${minGain}`;
  return { promote: false, reason: `not better by enough: ${figures}, ${asked}` };
}

const byHowMuch = (gain: number): string => `, worse by ${(-gain).toFixed(4)}`;

/** Relative difference that rounding alone can cause: the two versions' scores are computed in different ways. */
const ROUNDING = 1e-6;

interface Figure {
  readonly name: string;
  readonly value: number;
  /** Whether larger is better. */
  readonly higher: boolean;
}

/**
 * The value that the policy's metric means for the task: a label set is right if it is exactly right; a regression uses rmse.
 */
function figureFor(metrics: Metrics | StoredMetrics, metric: Policy["metric"]): Figure {
  if ("rmse" in metrics) return { name: "rmse", value: metrics.rmse, higher: false };
  if (metric === "log_loss") return { name: metric, value: metrics.log_loss, higher: false };
  if (metric === "macro_f1") return { name: metric, value: metrics.macro_f1, higher: true };
  if ("accuracy" in metrics) return { name: metric, value: metrics.accuracy, higher: true };
  return { name: "subset_accuracy", value: metrics.subset_accuracy, higher: true };
}
