// Whether a new version becomes live: a verdict on figures of both, from the same rows that neither was fitted on.
import type { Policy } from "../contract/heads.ts";
import type { Promotion } from "../contract/recipes.ts";
import type { ClassificationMetrics } from "../contract/versions.ts";

export interface PromotionVerdict {
  readonly promote: boolean;
  /** For the job's log: what was compared, and by how much it differs. */
  readonly reason: string;
}

export interface PromotionQuestion {
  readonly promote: Promotion;
  readonly metric: Policy["metric"];
  readonly candidate: ClassificationMetrics;
  /** Figures of the live version on the candidate's validation rows; null when nothing is live. */
  readonly live: ClassificationMetrics | null;
}

export function verdictOnPromotion({ promote, metric, candidate, live }: PromotionQuestion): PromotionVerdict {
  if (!live)
    return {
      promote: promote !== "never",
      reason: promote === "never" ? "the job asked never to promote" : "nothing was live before",
    };
  if (promote === "always") return { promote: true, reason: "the job asked to promote always" };
  if (promote === "never") return { promote: false, reason: "the job asked never to promote" };
  const gain = metric === "log_loss" ? live.log_loss - candidate.log_loss : candidate[metric] - live[metric];
  const figures = `${metric} ${candidate[metric].toFixed(4)} against ${live[metric].toFixed(4)} of the live version`;
  return { promote: gain > 0, reason: `${gain > 0 ? "better" : "not better"}: ${figures}` };
}
