// Whether a new version becomes live: a verdict on figures of both, from the same rows that neither was fitted on.

import type { Metrics } from "../contract/metrics.ts";
import type { Policy } from "../contract/policy.ts";
import type { Promotion } from "../contract/recipes.ts";

export interface PromotionVerdict {
  readonly promote: boolean;
  /** For the job's log: what was compared, and by how much it differs. */
  readonly reason: string;
}

export interface PromotionQuestion {
  readonly promote: Promotion;
  readonly metric: Policy["metric"];
  /** Least gain, in units of the metric's figure; any unless given. */
  readonly minGain?: number | undefined;
  readonly candidate: Metrics;
  /**
   * Figures of the live version on the candidate's validation rows, or on its own where it has seen those; null when nothing
   * is live.
   */
  readonly live: Metrics | null;
}

export function verdictOnPromotion(question: PromotionQuestion): PromotionVerdict {
  const { promote, live } = question;
  if (!live)
    return {
      promote: promote !== "never",
      reason: promote === "never" ? "the job asked never to promote" : "nothing was live before",
    };
  if (promote === "always") return { promote: true, reason: "the job asked to promote always" };
  if (promote === "never") return { promote: false, reason: "the job asked never to promote" };
  return verdictOnGain({ ...question, live });
}

function verdictOnGain(question: PromotionQuestion & { readonly live: Metrics }): PromotionVerdict {
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
function figureFor(metrics: Metrics, metric: Policy["metric"]): Figure {
  if ("rmse" in metrics) return { name: "rmse", value: metrics.rmse, higher: false };
  if (metric === "log_loss") return { name: metric, value: metrics.log_loss, higher: false };
  if (metric === "macro_f1") return { name: metric, value: metrics.macro_f1, higher: true };
  if ("accuracy" in metrics) return { name: metric, value: metrics.accuracy, higher: true };
  return { name: "subset_accuracy", value: metrics.subset_accuracy, higher: true };
}
