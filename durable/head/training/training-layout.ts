// Decides which labels and rows a training uses, which labels it leaves out, and the fold of each row. Depends only on the
// examples, so that a verification gets the same result.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { labelsIn } from "../../../src/contract/targets.ts";
import { leastLabels } from "../../../src/contract/tasks.ts";
import type { LeftOut } from "../../../src/contract/versions.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { type Folds, foldInSteps } from "../../../src/engine/data/folds.ts";
import { foldsWithinMemory } from "../../../src/engine/memory-need.ts";
import { rareLabels, type TrainableQuestion, untaughtLabels } from "../../../src/lifecycle/readiness.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import type { FeatureKeys } from "./feature-keys.ts";
import { indexLabels, inputsByLabel, type LabelIndex, rowsOf, strataOf } from "./training-rows.ts";

export interface Layout {
  readonly labels: LabelIndex;
  /** The rows trained on, in the order of training. */
  readonly rows: readonly TrainingRow[];
  readonly folds: Folds;
  /** Rows of labels that are left out. */
  readonly rowsLeftOut: readonly TrainingRow[];
  readonly leftOut: readonly LeftOut[];
  /** Counts of the labels that are not left out, for the check whether the head can be trained. */
  readonly question: TrainableQuestion;
}

/** Rows, and the feature key of each input (see ./feature-keys.ts). */
interface KeyedRows {
  readonly all: readonly TrainingRow[];
  readonly keys: FeatureKeys;
}

/** Most times that folds are computed again, each time without labels that the callers' splits leave no training row. */
const MOST_ROUNDS = 5;

/** Lets others in between two steps of a pass over all rows. */
export async function layOut(
  config: HeadConfig,
  { all, keys }: KeyedRows,
  rare: RareLabels,
  turns: Turns,
): Promise<Layout> {
  const every = await turns.run(indexLabels(config, all));
  const counted = await turns.run(inputsByLabel(every, all));
  const out = new Set(rare === "refuse" ? [] : rareLabels(counted.counts).map(({ label }) => label));
  for (let round = 1; ; round++) {
    const { labels, rows, folds } = await foldsWithout(config, every, { all, keys }, { out, turns });
    const untaught = rare === "refuse" || round === MOST_ROUNDS ? [] : untaughtLabels(labels.names, folds, rows);
    // With too few labels left, the folds stay as they are: the later check throws and names the splits.
    const isEnough = labels.names.length - untaught.length >= leastLabels(config.task);
    if (isEnough && untaught.length > 0) {
      for (const label of untaught) out.add(label);
      continue;
    }
    const rowsLeftOut = rows.length === all.length ? [] : await turns.run(without(all, rows));
    const counts = counted.counts.filter(({ label }) => !out.has(label));
    const question = { task: config.task, dims: config.backbone.dimension, inputs: counted.inputs, counts };
    return { labels, rows, folds, rowsLeftOut, leftOut: await turns.run(examplesOf(out, all)), question };
  }
}

async function foldsWithout(
  { task, backbone }: HeadConfig,
  every: LabelIndex,
  { all, keys }: KeyedRows,
  { out, turns }: { readonly out: ReadonlySet<string>; readonly turns: Turns },
) {
  const labels = out.size === 0 ? every : withoutLabels(every, out);
  const rows = await turns.run(rowsOf(labels, all));
  const strata = await turns.run(strataOf(labels, rows));
  const keysOfRows = new Float64Array(rows.length);
  const fillKeys = eachInSteps(rows, ({ input }, r) => {
    keysOfRows[r] = keys.get(input) as number;
  });
  await turns.run(fillKeys);
  const folded = await turns.run(foldInSteps(strata, keysOfRows));
  const folds = foldsWithinMemory(folded, task, backbone.dimension, labels.names.length);
  await turns.take();
  return { labels, rows, folds };
}

/** The rows that are not in `kept`. */
function* without(all: readonly TrainingRow[], kept: readonly TrainingRow[]): Steps<TrainingRow[]> {
  const isKept = new Set<TrainingRow>();
  yield* eachInSteps(kept, (row) => void isKept.add(row));
  const others: TrainingRow[] = [];
  yield* eachInSteps(all, (row) => {
    if (!isKept.has(row)) others.push(row);
  });
  return others;
}

function withoutLabels({ task, names }: LabelIndex, out: ReadonlySet<string>): LabelIndex {
  const kept = names.filter((name) => !out.has(name));
  return { task, names: kept, at: new Map(kept.map((name, i) => [name, i])) };
}

/** The left-out labels in code-unit order, each with its number of examples. */
function* examplesOf(out: ReadonlySet<string>, all: readonly TrainingRow[]): Steps<LeftOut[]> {
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
