// The score that selects among heads: the loss on held-out rows, or one minus the metric that the caller chose.
import type { SelectionMetric } from "../../contract/recipes.ts";
import type { Task } from "../../contract/tasks.ts";
import { type ScoreSums, shortfall } from "../metrics/score.ts";
import { TASK_KINDS } from "./registry.ts";

interface Selection {
  readonly task: Task;
  readonly metric: SelectionMetric;
}

/** The score of a head, which the search minimises. */
export function scoreOf(sums: ScoreSums, { task, metric }: Selection): number {
  const { lossOf, hasHits } = TASK_KINDS[task].score;
  return metric === "log_loss" || !hasHits ? lossOf(sums) : shortfall(sums, metric);
}
