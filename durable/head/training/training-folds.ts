// The rows that a training on some labels uses, and the fold of each. Inputs with equal features are in one fold.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { eachInSteps } from "../../../src/core/steps.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { type Folds, foldInSteps } from "../../../src/engine/data/folds.ts";
import { foldsWithinMemory } from "../../../src/engine/memory-need.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import type { FeatureKeys } from "./feature-keys.ts";
import { type LabelIndex, rowsOf, strataOf } from "./training-rows.ts";

/** Rows, and the feature key of each input (see ./feature-keys.ts). */
export interface KeyedRows {
  readonly all: readonly TrainingRow[];
  readonly keys: FeatureKeys;
}

export async function foldsOf(
  { task, backbone }: HeadConfig,
  labels: LabelIndex,
  { all, keys }: KeyedRows,
  turns: Turns,
): Promise<{ readonly rows: readonly TrainingRow[]; readonly folds: Folds }> {
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
  return { rows, folds };
}
