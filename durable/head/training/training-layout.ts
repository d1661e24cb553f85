// Decides which labels and rows a training uses, which labels it leaves out, and the fold of each row. Depends only on the
// examples, so that a verification gets the same result.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { leastLabels } from "../../../src/contract/tasks.ts";
import type { LeftOut } from "../../../src/contract/versions.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Folds } from "../../../src/engine/data/folds.ts";
import { rareLabels, type TrainableQuestion, untaughtLabels } from "../../../src/lifecycle/readiness.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import { countLeftOut, rowsWithout, withoutLabels } from "./left-out.ts";
import { foldsOf, type KeyedRows } from "./training-folds.ts";
import { indexLabels, inputsByLabel, type LabelIndex } from "./training-rows.ts";

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

/** Most times that folds are computed again, each time without labels that the callers' splits leave no training row. */
const MOST_ROUNDS = 5;

/** Lets other requests run between two steps of a pass over all rows. */
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
    const labels = withoutLabels(every, out);
    const { rows, folds } = await foldsOf(config, labels, { all, keys }, turns);
    const untaught = rare === "refuse" || round === MOST_ROUNDS ? [] : untaughtLabels(labels.names, folds, rows);
    // With too few labels left, the folds stay as they are: the later check throws and names the splits.
    const isEnough = labels.names.length - untaught.length >= leastLabels(config.task);
    if (isEnough && untaught.length > 0) {
      for (const label of untaught) out.add(label);
      continue;
    }
    const rowsLeftOut = rows.length === all.length ? [] : await turns.run(rowsWithout(all, rows));
    const counts = counted.counts.filter(({ label }) => !out.has(label));
    const question = { task: config.task, dims: config.backbone.dimension, inputs: counted.inputs, counts };
    return { labels, rows, folds, rowsLeftOut, leftOut: await turns.run(countLeftOut(out, all)), question };
  }
}
