// One more example for a trained head: an update from its live version, with the rows of the head on the heap.
import { startTraining } from "../../../src/engine/checkpoint.ts";
import type { FeatureBlocks, StoredBlock } from "../../../src/engine/data/blocks.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { planTraining } from "../../../src/engine/plan.ts";
import { startUpdate, type WarmStart, warmStart } from "../../../src/engine/warm-start.ts";
import { median } from "../median.ts";
import type { StoredSet } from "../object/stored-set.ts";
import { arranged } from "../object/training-set.ts";
import type { Operation } from "./operation.ts";
import { timed } from "./timing.ts";
import { finished, requestFor } from "./train.ts";

const REPETITIONS = 5;

export const addOne: Operation = async (stored) => {
  const { blocks, rounds } = arranged(stored, "folds");
  const request = { ...requestFor(stored, blocks, rounds), recipe: "linear" as const };
  const { final, selected, recipe } = outcomeOfTraining(await finished(startTraining(planTraining(request)), blocks));
  const [held] = selected;
  if (!held || recipe.l2 === undefined) throw new Error("There is nothing to go on from");
  const more = withOneMore(stored, blocks);
  const warm = warmStart(held, final, request.labels);
  const full = await finished(
    startTraining(planTraining({ ...requestFor(stored, more, rounds), recipe: "linear" })),
    more,
  );
  const updated = await repeatedUpdate(more, requestFor(stored, more, rounds), recipe.l2, warm);
  return { ...updated, full_log_loss: logLossOf(full) };
};

function logLossOf(state: Awaited<ReturnType<typeof finished>>): number {
  const { validation } = outcomeOfTraining(state).metrics;
  return "log_loss" in validation ? validation.log_loss : 0;
}

async function repeatedUpdate(
  blocks: FeatureBlocks,
  request: ReturnType<typeof requestFor>,
  l2: number,
  warm: WarmStart,
) {
  const plan = planTraining({ ...request, recipe: "linear", updates: { l2 } });
  const data = await TrainingData.open(blocks);
  try {
    let state = await finished(startUpdate(plan, warm), data); // the first update reads the rows
    const ms: number[] = [];
    for (let i = 0; i < REPETITIONS; i++) {
      const run = await timed(() => finished(startUpdate(plan, warm), data));
      state = run.result;
      ms.push(run.ms);
    }
    const evaluations = [state.trials[0]?.evaluations, state.evaluations];
    return { ms: median(ms), evaluations, log_loss: logLossOf(state) };
  } finally {
    data.dispose();
  }
}

/** The first test row as an example in a fold that is not held out. */
function withOneMore(stored: StoredSet, blocks: FeatureBlocks): FeatureBlocks {
  const { features, labels } = stored.load("test", 0);
  const fold = 1;
  const own = blocks.folds[fold] ?? [];
  const block: StoredBlock = { rows: 1, features: features.slice(0, blocks.dims), targets: labels.slice(0, 1) };
  return {
    ...blocks,
    folds: blocks.folds.map((rows, f) => (f === fold ? [...rows, 1] : rows)),
    test: [],
    load: (part, index) => (part === fold && index === own.length ? block : blocks.load(part, index)),
    keepScaled: () => undefined,
  };
}
