// Training through the engine's own loop, as in a job, with timing.
import type { ClassificationMetrics } from "../../../src/contract/metrics.ts";
import { WORK } from "../../../src/core/work.ts";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import type { FeatureBlocks } from "../../../src/engine/data/blocks.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import { linear } from "../../../src/engine/heads/linear.ts";
import type { FittedScaler } from "../../../src/engine/heads/scaler.ts";
import { lossesOf, UNCALIBRATED } from "../../../src/engine/metrics/calibrated-loss.ts";
import { addClassScores, emptyScoreSums } from "../../../src/engine/metrics/score.ts";
import type { Diagonal } from "../../../src/engine/optimisers/diagonal.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import {
  gramDims,
  isLarge,
  type Plan,
  type PlanRequest,
  planTraining,
  shapeFor,
  total,
} from "../../../src/engine/plan.ts";
import { runSlice } from "../../../src/engine/trainer.ts";
import { SLAB } from "../../../src/tensor/products.ts";
import type { StoredSet } from "../object/stored-set.ts";
import { type ArrangementName, arrange, arranged } from "../object/training-set.ts";
import { exactObjective } from "./exact-objective.ts";
import { numberIn, type Operation, type Params } from "./operation.ts";
import { timed } from "./timing.ts";

const classNames = ({ meta }: StoredSet): string[] => Array.from({ length: meta.classes }, (_, k) => `${k}`);

/**
 * Unscaled features, centred only if a Gram matrix preconditions the fit: an unpenalised bias absorbs the mean, and the
 * objective is the same.
 */
const unscaled = (scaler: FittedScaler, { curvature }: Plan): FittedScaler => ({
  ...scaler,
  inverse: scaler.inverse.map(() => 1),
  mean: curvature === "gram" ? scaler.mean : scaler.mean.map(() => 0),
});

/** The variances of the features, computed from the variances after scaling. */
function unscaledDiagonal(diagonal: Diagonal, scaler: FittedScaler, dims: number): Diagonal {
  const own = (values: Float32Array, at: number): number => values[Math.floor(at / SLAB) % dims] ?? 0;
  const mean = diagonal.mean.map((value, at) => value / (own(scaler.inverse, at) || 1) + own(scaler.mean, at));
  const variance = diagonal.variance.map((value, at) => value / (own(scaler.inverse, at) || 1) ** 2);
  return { ...diagonal, mean, variance };
}

/** Runs slices of `budget` operations until `isOver`. */
async function run(
  from: Checkpoint,
  data: TrainingData,
  isOver: (state: Checkpoint) => boolean,
  budget: number = WORK.perSlice,
): Promise<Checkpoint> {
  let state = from;
  while (!isOver(state) && state.phase !== "done") state = (await runSlice(state, data, budget)).checkpoint;
  return state;
}

/** Accuracy and log loss on the test rows. */
async function scoreTest(data: TrainingData, plan: Plan, scaler: FittedScaler, parameters: Float32Array) {
  const shape = shapeFor(plan, "linear");
  const sums = emptyScoreSums(shape.outputs);
  for (const place of data.list(["test"])) {
    await data.withBlock(place, scaler, (block) =>
      addClassScores(sums, linear.forward(shape, parameters, block.scaled()), block.targets, block.rows),
    );
  }
  return {
    accuracy: sums.hits.reduce((a, b) => a + b, 0) / sums.rows,
    log_loss: (lossesOf(sums.losses)[UNCALIBRATED] as number) / sums.rows,
  };
}

/** Writes the rows in the order that `fit` ("one") or `auto` ("folds") reads. */
export const arrangeRows: Operation = (stored, { arrangement }) => {
  arrange(stored, arrangement as ArrangementName);
  return {};
};

/** One linear head at one strength, on all rows with unscaled features, until the objective is no higher than `target`. */
export const fit: Operation = async (stored, params) => {
  const { blocks } = arranged(stored, "one");
  const rows = total(blocks.folds[1] ?? []);
  const data = await TrainingData.open(blocks);
  try {
    const { ms, result } = await timed(() => fitOne(stored, data, rows, params));
    const { plan, scaler, fits } = result;
    const fitted = fits[0] as Checkpoint["fits"][number];
    const scores = await scoreTest(data, plan, scaler as FittedScaler, fitted.trial);
    const objective = exactObjective(stored, plan, scaler as FittedScaler, fitted.trial, plan.path[0] as number);
    const shift = (fitted.at?.f as number) - objective;
    return { seconds: ms / 1e3, ...scores, evaluations: fitted.evaluations, objective, shift };
  } finally {
    data.dispose();
  }
};

async function fitOne(stored: StoredSet, data: TrainingData, rows: number, params: Params): Promise<Checkpoint> {
  const l2 = numberIn(params, "l2", 1e-4);
  const { dims } = stored.meta;
  const plan = planTraining({
    task: "classification",
    recipe: "linear",
    dims,
    labels: classNames(stored),
    seed: 0,
    foldRows: [0, rows],
    rounds: 1,
    options: { l2 },
  });
  const scaled = await run(startTraining(plan), data, ({ scaler }) => scaler !== null, 1);
  const scaler = scaled.scaler as FittedScaler;
  const diagonal = scaled.diagonal && unscaledDiagonal(scaled.diagonal, scaler, gramDims(plan));
  const start: Checkpoint = { ...scaled, diagonal, scaler: unscaled(scaler, plan) };
  const begun = await run(start, data, ({ fits }) => fits.length > 0, 1);
  return run(withTolerances(begun, params), data, ({ fits }) => fits[0]?.done === true, 1);
}

/** Tolerances as fine as those of the peers, but not finer than the precision of their final objective. */
function withTolerances(state: Checkpoint, { target }: Params): Checkpoint {
  const [first] = state.fits;
  if (!first) throw new Error("No fit has begun");
  const tolerances = { gradientTolerance: 0, decreaseTolerance: typeof target === "number" ? 0 : 1e-7 };
  const options = { ...first.options, ...tolerances, target: typeof target === "number" ? target : undefined };
  return { ...state, fits: [{ ...first, options }] };
}

/** The whole recipe: strength selected, calibrated, evaluated, refitted. */
export const auto: Operation = async (stored, { recipe = "auto", isWatched = false }) => {
  const { blocks, rounds } = arranged(stored, "folds");
  const plan = planTraining({ ...requestFor(stored, blocks, rounds), recipe: recipe as PlanRequest["recipe"] });
  const data = await TrainingData.open(blocks, isLarge(plan) ? () => null : undefined);
  try {
    const phases: Record<string, number> = {};
    const { ms, result } = await timed(() => runTimed(startTraining(plan), data, phases, isWatched === true));
    const { metrics, calibration, recipe: chosen } = outcomeOfTraining(result);
    const test = (metrics.test ?? metrics.validation) as ClassificationMetrics;
    return {
      seconds: ms / 1e3,
      accuracy: test.accuracy,
      log_loss: test.log_loss,
      ece: test.ece,
      evaluations: chosen.evaluations,
      kind: chosen.kind,
      l2: chosen.l2,
      temperature: calibration?.temperature,
      phases,
      path: chosen.path.map(({ l2, log_loss, evaluations }) => [l2, Number(log_loss.toFixed(4)), evaluations]),
    };
  } finally {
    data.dispose();
  }
};

/** The plan that a job would have for these blocks. */
export const requestFor = (stored: StoredSet, blocks: FeatureBlocks, rounds: number) => ({
  task: "classification" as const,
  dims: blocks.dims,
  labels: classNames(stored),
  seed: 0,
  rounds,
  foldRows: blocks.folds.map(total),
});

/** Trains to the final state, on blocks that are opened for it, or on data that stay open. */
export async function finished(from: Checkpoint, rows: FeatureBlocks | TrainingData): Promise<Checkpoint> {
  const data = rows instanceof TrainingData ? rows : await TrainingData.open(rows);
  try {
    return await run(from, data, () => false);
  } finally {
    if (data !== rows) data.dispose();
  }
}

/** Like `run`, with the milliseconds of each phase. If it is observed, it takes turns of the event loop, as a job does. */
async function runTimed(
  from: Checkpoint,
  data: TrainingData,
  phases: Record<string, number>,
  isWatched: boolean,
): Promise<Checkpoint> {
  let state = from;
  while (state.phase !== "done") {
    const { phase } = state;
    const { ms, result } = await timed(() => runSlice(state, data, 1));
    phases[phase] = Math.round((phases[phase] ?? 0) + ms);
    state = result.checkpoint;
    if (isWatched) await scheduler.wait(0);
  }
  return state;
}
