// Reads the examples of a training and lays them out. If an example or a feature is removed while they are read, listed rows may
// be in other blocks, so the reading ends.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import { Interrupted, isInterrupted, type Turns } from "../../../src/core/turns.ts";
import { isPending, type TrainingRow } from "../../tables/training-order.ts";
import type { FeatureTools } from "../examples/refresh-features.ts";
import type { HeadStore } from "../store.ts";
import { featureKeys } from "./feature-keys.ts";
import { type Layout, layOut } from "./training-layout.ts";

/**
 * Runs `read` with turns that end it when an example or a feature is removed. null: `read` ended early, or an input is pending.
 */
export async function ifReadable<T>(
  store: HeadStore,
  turns: Turns,
  read: (turns: Turns) => Promise<T>,
): Promise<T | null> {
  const removals = removalsOf(store);
  try {
    return await read(turns.until(() => (removalsOf(store) === removals ? null : "rows_removed")));
  } catch (error) {
    if (isInterrupted(error, "rows_removed", "inputs_pending")) return null;
    throw error;
  }
}

/** Counts removals of features, of examples and of inputs of examples. */
const removalsOf = ({ meta }: HeadStore): number =>
  (meta.get("removals")?.count ?? 0) + (meta.get("deletions")?.count ?? 0);

export async function readLayout(store: HeadStore, rare: RareLabels, tools: FeatureTools): Promise<Layout> {
  const all = await listRows(store, tools.turns);
  const keys = await featureKeys(store, all, tools);
  return layOut(store.config, { all, keys }, rare, tools.turns);
}

/** The examples of a training, in training order. */
async function listRows({ examples }: HeadStore, turns: Turns): Promise<readonly TrainingRow[]> {
  const rows: TrainingRow[] = [];
  for (const part of examples.inTrainingOrderByParts()) {
    for (const row of part) rows.push(row);
    if (part.some(isPending)) throw new Interrupted("inputs_pending");
    await turns.take();
  }
  return rows;
}
