// Whether a new version becomes live: a verdict on figures of both, from the same rows that neither was fitted on.

import type { Metrics, StoredMetrics } from "../contract/metrics.ts";
import type { Policy } from "../contract/policy.ts";
import type { Promotion } from "../contract/recipes.ts";

export interface PromotionVerdict {
  readonly promote: boolean;
  /** For the job's log: what was compared, and by how much it differs. */
  readonly reason: string;
  /** Whether it goes live though too few examples were held out to tell it from a constant answer. */
  readonly unproven?: boolean;
}

export interface PromotionQuestion {
  readonly promote: Promotion;
  readonly metric: Policy["metric"];
  /** Least gain, in units of the metric's figure; any unless given. */
  readonly minGain?: number | undefined;
  /** The worst figure of the metric that may go live; any unless given. */
  readonly minMetric?: number | undefined;
  readonly candidate: Metrics;
  /**
   * Figures of the live version on the candidate's validation rows, or on its own where it has seen those; null when nothing
   * is live.
   */
  readonly live: Metrics | StoredMetrics | null;
  /** What the candidate's figure rests on: asked for where nothing is live. */
  readonly evidence?: PromotionEvidence | undefined;
}

/** An interval of a figure, and what a constant answer comes to on the same rows. */
export interface PromotionEvidence {
  readonly examples: number;
  readonly interval: readonly [number, number];
  readonly method: "bootstrap" | "normal";
  readonly baseline: number;
}

/** Examples held out below which a figure proves nothing: an interval of so few is as wide as what it is to tell apart. */
export const LEAST_PROVING_EXAMPLES = 30;

export function verdictOnPromotion(question: PromotionQuestion): PromotionVerdict {
  const { promote, live } = question;
  if (promote === "always") return { promote: true, reason: "the job asked to promote always" };
  if (promote === "never") return { promote: false, reason: "the job asked never to promote" };
  const tooBad = verdictOnFloor(question);
  if (tooBad) return tooBad;
  return live ? verdictOnGain({ ...question, live }) : verdictOnFirst(question);
}

/** null: the figure is good enough, or nothing was asked of it. */
function verdictOnFloor({ candidate, metric, minMetric }: PromotionQuestion): PromotionVerdict | null {
  if (minMetric === undefined) return null;
  const { name, value, higher } = figureFor(candidate, metric);
  if (higher ? value >= minMetric : value <= minMetric) return null;
  const asked = `the policy asks for at ${higher ? "least" : "most"} ${minMetric} (min_metric)`;
  return { promote: false, reason: `not good enough: ${name} ${value.toFixed(4)}, ${asked}` };
}

const METHODS = { bootstrap: "bootstrap", normal: "normal approximation" } as const;

/** A version that is no better than a constant answer would only look like a classifier. */
function verdictOnFirst({ candidate, metric, evidence }: PromotionQuestion): PromotionVerdict {
  const { name, higher } = figureFor(candidate, metric);
  const examples = evidence?.examples ?? 0;
  if (!evidence || examples < LEAST_PROVING_EXAMPLES)
    return {
      promote: true,
      unproven: true,
      reason: `nothing was live before; unproven: ${examples} examples were held out, and it takes ${LEAST_PROVING_EXAMPLES} to tell a version from a constant answer`,
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

/** Share of a figure that rounding alone explains: both versions' scores come by different ways. */
const ROUNDING = 1e-6;

interface Figure {
  readonly name: string;
  readonly value: number;
  /** Whether more of it is better. */
  readonly higher: boolean;
}

/** The figure that the policy's metric means for the task: sets of labels are right when they are exactly so, values when near. */
function figureFor(metrics: Metrics | StoredMetrics, metric: Policy["metric"]): Figure {
  if ("rmse" in metrics) return { name: "rmse", value: metrics.rmse, higher: false };
  if (metric === "log_loss") return { name: metric, value: metrics.log_loss, higher: false };
  if (metric === "macro_f1") return { name: metric, value: metrics.macro_f1, higher: true };
  if ("accuracy" in metrics) return { name: metric, value: metrics.accuracy, higher: true };
  return { name: "subset_accuracy", value: metrics.subset_accuracy, higher: true };
}
