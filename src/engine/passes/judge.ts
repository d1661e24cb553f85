// After the search: the temperature and the metrics of the selected model, on the folds held out while choosing. Each fold is
// scored by parameters that did not see it.
import type { Checkpoint } from "../checkpoint.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { emptyOutOfFold, type OutOfFold, recorder } from "../findings/out-of-fold.ts";
import { bootstrap as bootstrapIntervals, type Resamples, resample, startResamples } from "../metrics/bootstrap.ts";
import {
  LOGIT_BINS,
  PRIOR_ROUNDS,
  type Recalibration,
  recalibrateLabels,
  startRecalibration,
} from "../metrics/recalibration.ts";
import { total } from "../plan.ts";
import { type Judged, judgingOf, TASK_KINDS } from "../tasks/registry.ts";
import { narrowTemperature, type Slopes } from "../temperature.ts";
import {
  type Computation,
  type Evaluation,
  firstRowOf,
  fittedScaler,
  judgedFolds,
  judgingWork,
  type Pass,
  rowsOfFolds,
  selectedOf,
  withKeptOutputs,
  withOutputs,
} from "./pass.ts";

/** Scores a block with the selected parameters that did not see its fold. */
function notSeenBy(state: Checkpoint, block: ReadyBlock): Evaluation {
  const { parameters } = selectedOf(state);
  return [state, parameters[block.part as number] as Float32Array, block];
}

export const calibrate: Pass<Slopes> = {
  parts: judgedFolds,
  work: judgingWork,
  begin: () => ({ first: 0, second: 0 }),
  add: (sums, block, state) => {
    const { beta } = state.temperature;
    const { targets, rows } = block;
    const { addSlopes } = TASK_KINDS[state.plan.task];
    if (!addSlopes) throw new Error("Outputs of this task are not calibrated");
    return withKeptOutputs(notSeenBy(state, block), (outputs) => addSlopes(sums, outputs, targets, beta, rows));
  },
  finish: (state, sums) => {
    const temperature = narrowTemperature(state.temperature, sums);
    return { ...state, temperature, phase: temperature.done ? "measure" : "calibrate" };
  },
};

interface MeasureSums {
  readonly judged: Judged;
  readonly outOfFold: OutOfFold | null;
}

export const measure: Pass<MeasureSums> = {
  parts: judgedFolds,
  work: judgingWork,
  begin: ({ plan, judged }) => ({
    judged: judged ?? judgingOf(plan).empty(plan.labels.length, null),
    outOfFold: TASK_KINDS[plan.task].keepsRowScores ? emptyOutOfFold(total(plan.foldRows)) : null,
  }),
  add: (sums, block, state) => {
    const record = recorder(sums.outOfFold, firstRowOf(state.plan, block.part as number) + block.first);
    withKeptOutputs(notSeenBy(state, block), (outputs) => {
      const rows = { rows: block.rows, outputs, targets: block.targets, beta: state.temperature.beta };
      judgingOf(sums.judged).measure(sums.judged, rows, record);
    });
    return sums;
  },
  finish: (state, { judged, outOfFold }) => ({ ...state, ...judgingOf(judged).measured(judged), outOfFold }),
};

const LABELS_AT_ONCE = 16;
const chunksOf = ({ plan }: Checkpoint): number => Math.ceil(plan.labels.length / LABELS_AT_ONCE);

/** Recalibrates the labels of a multi-label head, some at a time, again in each round of fitting the prior. */
export const recalibrate: Computation<Recalibration> = {
  steps: (state) => PRIOR_ROUNDS * chunksOf(state),
  // Some Newton steps with one exponential per bin.
  stepWork: () => 5 * 1_000 * LABELS_AT_ONCE * LOGIT_BINS,
  begin: ({ plan }) => startRecalibration(plan.labels.length),
  step: (sums, index, state) => {
    const from = (index % chunksOf(state)) * LABELS_AT_ONCE;
    const end = Math.min(state.plan.labels.length, from + LABELS_AT_ONCE);
    recalibrateLabels(sums, judgedSetsOf(state).logits, from, end);
    return sums;
  },
  finish: (state, recalibration) => {
    return { ...state, judged: { ...judgedSetsOf(state), recalibration }, phase: "measure" };
  },
};

function judgedSetsOf({ judged }: Checkpoint): Extract<Judged, { readonly recalibration: unknown }> {
  if (judged && "recalibration" in judged) return judged;
  throw new Error("No sets of labels have been judged");
}

const RESAMPLES = 200;
const RESAMPLES_AT_ONCE = 10;

/** Intervals of accuracy and macro-F1, from resamples of the held-out rows. */
export const bootstrap: Computation<Resamples> = {
  steps: () => RESAMPLES / RESAMPLES_AT_ONCE,
  stepWork: (state) => 700 * RESAMPLES_AT_ONCE * (mostCells(state) + state.plan.labels.length),
  begin: (state) => startResamples(confusionOf(state), state.plan.seed),
  step: (sums) => {
    for (let i = 0; i < RESAMPLES_AT_ONCE; i++) resample(sums);
    return sums;
  },
  finish: (state, sums) => {
    return { ...state, intervals: bootstrapIntervals(sums), phase: "settle" };
  },
};

/** Upper bound of the number of non-empty cells of the confusion. */
const mostCells = (state: Checkpoint): number =>
  Math.min(confusionOf(state).length, rowsOfFolds(state.plan, judgedFolds(state)));

function confusionOf({ judged }: Checkpoint): Int32Array {
  if (judged && "confusion" in judged) return judged.confusion;
  throw new Error("No confusion of labels has been counted");
}

/** Empty sums. Those of a multi-label head have the thresholds that were chosen on held-out rows. */
export function emptyAtThresholds({ plan, judged }: Checkpoint): Judged {
  const judging = judgingOf(plan);
  return judging.empty(plan.labels.length, (judged && judging.thresholdsOf(judged)) ?? []);
}

/** Metrics of the final model on the rows of the split `test`, which no fit has seen; null if there are none. */
export const test: Pass<Judged> = {
  parts: () => ["test"],
  work: judgingWork,
  begin: emptyAtThresholds,
  add: (sums, block, state) => {
    return withOutputs([state, state.parameters as Float32Array, block], (outputs) => {
      const rows = { rows: block.rows, outputs, targets: block.targets, beta: state.temperature.beta };
      const judging = judgingOf(sums);
      judging.add(sums, rows);
      judging.count(sums, rows);
      return sums;
    });
  },
  finish: (state, judged) => {
    const metrics = judgingOf(judged).metrics(judged, state.plan.labels, fittedScaler(state));
    return { ...state, test: metrics.examples > 0 ? metrics : null, phase: "done" };
  },
};
