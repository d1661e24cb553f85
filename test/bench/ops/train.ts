// Training through the engine's own loop, as a job does, with the clock beside it.
import type { ClassificationMetrics } from "../../../src/contract/metrics.ts";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import { linear } from "../../../src/engine/heads/linear.ts";
import type { FittedScaler } from "../../../src/engine/heads/scaler.ts";
import { addScores, emptyScoreSums } from "../../../src/engine/metrics/score.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { type Plan, planTraining, shapeFor } from "../../../src/engine/plan.ts";
import { runSlice } from "../../../src/engine/trainer.ts";
import { TrainingData } from "../../../src/engine/training-data.ts";
import { allInOneFold, arrange, foldsOf, labelsOf } from "../object/training-set.ts";
import type { StoredSet } from "../object/stored-set.ts";
import { numberIn, type Operation, type Params } from "./operation.ts";
import { timed } from "./timing.ts";

/** Floating-point operations between two looks at the state. */
const SLICE = 120e6;

const classNames = ({ meta }: StoredSet): string[] => Array.from({ length: meta.classes }, (_, k) => `${k}`);

/** Features as they are. */
const asTheyAre = (dims: number, rows: number): FittedScaler => ({
  ...{ mean: new Float32Array(dims), inverse: new Float32Array(dims).fill(1), rows },
  target: { mean: 0, deviation: 1 },
});

/** Runs slices until `isOver`. */
async function run(from: Checkpoint, data: TrainingData, isOver: (state: Checkpoint) => boolean): Promise<Checkpoint> {
  let state = from;
  while (!isOver(state) && state.phase !== "done") state = (await runSlice(state, data, SLICE)).checkpoint;
  return state;
}

/** Accuracy and log loss on the test rows. */
async function scoreTest(data: TrainingData, plan: Plan, scaler: FittedScaler, parameters: Float32Array) {
  const shape = shapeFor(plan, "linear");
  const sums = emptyScoreSums(shape.outputs);
  for (const place of data.list(["test"])) {
    await data.withBlock(place, scaler, (block) =>
      addScores(sums, linear.forward(shape, parameters, block.scaled()), block.targets, block.rows),
    );
  }
  return { accuracy: sums.hits.reduce((a, b) => a + b, 0) / sums.rows, log_loss: sums.loss / sums.rows };
}

/** One linear head at one strength, on all rows, features as they are, until the objective is no higher than `target`. */
export const fit: Operation = async (stored, params) => {
  const rows = labelsOf(stored).length;
  const blocks = arrange(stored, allInOneFold(rows));
  const data = await TrainingData.open(blocks);
  try {
    const { ms, result } = await timed(() => fitOne(stored, data, rows, params));
    const { plan, scaler, fits } = result;
    const fitted = fits[0] as Checkpoint["fits"][number];
    const scores = await scoreTest(data, plan, scaler as FittedScaler, fitted.trial);
    return { seconds: ms / 1e3, ...scores, evaluations: fitted.evaluations, objective: fitted.at?.f };
  } finally {
    data.dispose();
  }
};

async function fitOne(stored: StoredSet, data: TrainingData, rows: number, params: Params): Promise<Checkpoint> {
  const l2 = numberIn(params, "l2", 1e-4);
  const { dims } = stored.meta;
  const plan = planTraining({
    ...{ task: "classification", recipe: "linear", dims, labels: classNames(stored), seed: 0 },
    ...{ foldRows: [0, rows], rounds: 1, options: { l2 } },
  });
  const phase = plan.curvature ? "gram" : "next_kind";
  const start: Checkpoint = { ...startTraining(plan), scaler: asTheyAre(dims, rows), phase };
  const begun = await run(start, data, ({ fits }) => fits.length > 0);
  return run(withTolerances(begun, params), data, ({ fits }) => fits[0]?.done === true);
}

/** As fine as the peers', and no finer than where they ended. */
function withTolerances(state: Checkpoint, { target }: Params): Checkpoint {
  const [first] = state.fits;
  if (!first) throw new Error("No fit has begun");
  const tolerances = { gradientTolerance: 0, decreaseTolerance: typeof target === "number" ? 0 : 1e-7 };
  const options = { ...first.options, ...tolerances, ...(typeof target === "number" ? { target } : {}) };
  return { ...state, fits: [{ ...first, options }] };
}

/** The whole recipe: strength chosen, calibrated, evaluated, refitted. */
export const auto: Operation = async (stored, { recipe = "auto" }) => {
  const folds = foldsOf(labelsOf(stored));
  const blocks = arrange(stored, folds);
  const { foldRows, rounds } = { foldRows: blocks.folds.map((own) => own.reduce((a, b) => a + b, 0)), rounds: folds.rounds };
  const plan = planTraining({
    ...{ task: "classification", recipe: recipe as "auto", dims: stored.meta.dims, labels: classNames(stored) },
    ...{ seed: 0, foldRows, rounds },
  });
  const data = await TrainingData.open(blocks);
  try {
    const phases: Record<string, number> = {};
    const { ms, result } = await timed(() => runTimed(startTraining(plan), data, phases));
    const { metrics, calibration, recipe: chosen } = outcomeOfTraining(result);
    const test = metrics.test as ClassificationMetrics;
    return {
      ...{ seconds: ms / 1e3, accuracy: test.accuracy, log_loss: test.log_loss, ece: test.ece },
      ...{ evaluations: chosen.evaluations, kind: chosen.kind, l2: chosen.l2, temperature: calibration?.temperature, phases },
      path: chosen.path.map(({ l2, log_loss, evaluations }) => [l2, Number(log_loss.toFixed(4)), evaluations]),
    };
  } finally {
    data.dispose();
  }
};

/** As `run`, noting milliseconds by phase. */
async function runTimed(from: Checkpoint, data: TrainingData, phases: Record<string, number>): Promise<Checkpoint> {
  let state = from;
  while (state.phase !== "done") {
    const { phase } = state;
    const { ms, result } = await timed(() => runSlice(state, data, 1));
    phases[phase] = Math.round((phases[phase] ?? 0) + ms);
    state = result.checkpoint;
  }
  return state;
}
