// The evidence for a metric of a finished training, by its task.
import type { Metrics } from "../contract/metrics.ts";
import type { SelectionMetric } from "../contract/recipes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Evidence } from "./metrics/evidence.ts";
import { judgingOf } from "./tasks/registry.ts";

/** `mostFrequent`: how often the most frequent answer in training is exactly right on the held-out rows. */
export function evidenceOf(
  { judged, plan, outOfFold }: Pick<Checkpoint, "judged" | "plan" | "outOfFold">,
  metrics: Metrics,
  metric: SelectionMetric,
  mostFrequent: number,
): Evidence {
  if (!judged) throw new Error("Nothing has been judged yet");
  return judgingOf(judged).evidence(judged, metrics, { metric, seed: plan.seed, outOfFold, mostFrequent });
}
