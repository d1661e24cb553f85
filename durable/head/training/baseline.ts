// The figures of a head that always gives one answer: the most frequent, or the mean value.
import { targetText } from "../../../src/contract/targets.ts";
import type { Task } from "../../../src/contract/tasks.ts";
import type { VersionView } from "../../../src/contract/versions.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Folds } from "../../../src/engine/data/folds.ts";
import { TASK_KINDS } from "../../../src/engine/tasks/registry.ts";
import type { TrainingRow } from "../../tables/training-order.ts";

type Baseline = VersionView["metrics"]["baseline"];

export async function baselineOf(
  task: Task,
  rows: readonly TrainingRow[],
  folds: Folds,
  turns: Turns,
): Promise<Baseline> {
  return TASK_KINDS[task].targets.labels ? turns.run(labelBaseline(rows, folds)) : valueBaseline(rows, folds);
}

/** Whether the metrics are measured on this row. */
const isHeldOut = ({ parts, rounds }: Folds, row: number): boolean =>
  parts[row] !== "test" && (parts[row] as number) < rounds;

/** Accuracy on the held-out rows of a head that always gives the most frequent answer. */
function* labelBaseline(rows: readonly TrainingRow[], folds: Folds): Steps<Baseline> {
  const counts = new Map<string, number>();
  const held = new Map<string, number>();
  let allHeld = 0;
  yield* eachInSteps(rows, ({ target }, i) => {
    const text = targetText(target);
    if (folds.parts[i] !== "test") counts.set(text, (counts.get(text) ?? 0) + 1);
    if (!isHeldOut(folds, i)) return;
    held.set(text, (held.get(text) ?? 0) + 1);
    allHeld++;
  });
  const [majority = ""] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return { accuracy: (held.get(majority) ?? 0) / Math.max(1, allHeld) };
}

/** Mean distance from the mean value. */
function valueBaseline(rows: readonly TrainingRow[], { parts }: Folds): Baseline {
  const values = rows.flatMap(({ target }, i) => (parts[i] !== "test" && "value" in target ? [target.value] : []));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mae: values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length };
}
