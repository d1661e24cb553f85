// Gathers the rows of a job: reads the examples as they are now, checks that they can be trained on, and copies them into the
// job's snapshot. Starts over if an example or a feature is removed in between.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Interrupted, Turns } from "../../../src/core/turns.ts";
import { assertFolds, assertTrainable, interruptedReading } from "../../../src/lifecycle/readiness.ts";
import type { ReembedTools } from "../examples/refresh-features.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { describeDataset } from "./dataset.ts";
import { ifReadable, readLayout } from "./read-layout.ts";
import { fillSnapshot } from "./snapshot-rows.ts";
import type { Layout } from "./training-layout.ts";

/** Which rows a job trains on. */
export interface GatheredRows {
  readonly rare: RareLabels;
  /** The older backbone revision whose features the job reads; null: the newest. */
  readonly revision: string | null;
}

/** Attempts before the job fails, because deletions arrive faster than the rows can be read. */
const MOST_ATTEMPTS = 20;
/** After this many attempts a small head is read in one turn (about 10 ms), so that no deletion can come in between. */
const ATTEMPTS_IN_TURNS = 5;

/**
 * Fills the snapshot. Starts over if an example or a feature is removed while it reads, because rows may have moved and folds may
 * change. Throws after too many attempts.
 */
export async function gather(
  store: HeadStore,
  rows: GatheredRows,
  { bucket, turns }: ReembedTools,
): Promise<HeadMeta["dataset"]> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const isAtOnce = attempt > ATTEMPTS_IN_TURNS && store.examples.count() <= LIMITS.rowsGatheredAtOnce;
    const own = isAtOnce ? new Turns(1, noTurn, () => turns.interruption) : turns;
    const layout = await ifReadable(store, own, (reading) => copyRows(store, rows, { bucket, turns: reading }));
    if (!layout) {
      if (store.features.pending.has()) throw new Interrupted("inputs_pending");
      continue;
    }
    await own.take();
    return { ...(await describeDataset(store.config, layout, own)), revision: rows.revision };
  }
  throw interruptedReading(MOST_ATTEMPTS);
}

const noTurn = async (): Promise<void> => undefined;

/** Copies the rows of a training into the snapshot. Throws if they cannot be trained on. */
async function copyRows(store: HeadStore, { rare, revision }: GatheredRows, tools: ReembedTools): Promise<Layout> {
  const layout = await readLayout(store, rare, { ...tools, revision });
  assertTrainable(layout.question, rare);
  assertFolds(store.config.task, layout.labels.names, layout.folds, layout.rows);
  tools.turns.check();
  await fillSnapshot(store, layout, { ...tools, revision });
  return layout;
}
