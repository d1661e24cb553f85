// Labels that a training leaves out: the labels that stay, the rows of the others, and how many examples they have.
import { labelsIn } from "../../../src/contract/targets.ts";
import type { LeftOut } from "../../../src/contract/versions.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import type { LabelIndex } from "./training-rows.ts";

export function withoutLabels(every: LabelIndex, out: ReadonlySet<string>): LabelIndex {
  if (out.size === 0) return every;
  const kept = every.names.filter((name) => !out.has(name));
  return { task: every.task, names: kept, at: new Map(kept.map((name, i) => [name, i])) };
}

/** The rows that are not in `kept`. */
export function* rowsWithout(all: readonly TrainingRow[], kept: readonly TrainingRow[]): Steps<TrainingRow[]> {
  const isKept = new Set<TrainingRow>();
  yield* eachInSteps(kept, (row) => void isKept.add(row));
  const others: TrainingRow[] = [];
  yield* eachInSteps(all, (row) => {
    if (!isKept.has(row)) others.push(row);
  });
  return others;
}

/** The left-out labels in code-unit order, each with its number of examples. */
export function* countLeftOut(out: ReadonlySet<string>, all: readonly TrainingRow[]): Steps<LeftOut[]> {
  if (out.size === 0) return [];
  const counts = new Map([...out].sort().map((label) => [label, 0]));
  yield* eachInSteps(all, ({ target }) => {
    for (const label of labelsIn(target)) {
      const count = counts.get(label);
      if (count !== undefined) counts.set(label, count + 1);
    }
  });
  return [...counts].map(([label, examples]) => ({ label, examples }));
}
