// After the search: the selected model's temperature and its figures, on the folds that choosing held out. Each fold is
// scored by the parameters that did not see it.
import type { Checkpoint } from "../checkpoint.ts";
import { bootstrap as bootstrapIntervals, type Resamples, resample, startResamples } from "../metrics/bootstrap.ts";
import { countExactSets, emptyJudged, type Judged, judge, metricsOfJudged, withThresholds } from "../metrics/judged.ts";
import { emptyOutOfFold, type OutOfFold, recorder } from "../out-of-fold.ts";
import { total } from "../plan.ts";
import { addSlopes, narrowTemperature, type Slopes } from "../temperature.ts";
import type { ReadyBlock } from "../training-data.ts";
import {
  type Asked,
  type Computation,
  firstRowOf,
  fittedScaler,
  judgedFolds,
  judgingWork,
  type Pass,
  selectedOf,
  withKeptOutputs,
  withOutputs,
} from "./pass.ts";

const selectedWork = (state: Checkpoint, rows: number): number => judgingWork(state, selectedOf(state).kind, rows);

/** Who is asked about a block of a fold: the selected model, as it was fitted without that fold. */
function notSeenBy(state: Checkpoint, block: ReadyBlock): Asked {
  const { kind, parameters } = selectedOf(state);
  return [state, kind, parameters[block.part as number] as Float32Array, block];
}

export const calibrate: Pass<Slopes> = {
  parts: judgedFolds,
  work: selectedWork,
  begin: () => ({ first: 0, second: 0 }),
  add: (sums, block, state) => {
    const targets = block.targets as Int32Array | Uint8Array;
    const { beta } = state.temperature;
    return withKeptOutputs(notSeenBy(state, block), (outputs) => addSlopes(sums, outputs, targets, beta, block.rows));
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
  work: selectedWork,
  begin: ({ plan, judged }) => ({
    judged: judged ?? emptyJudged(plan),
    outOfFold: plan.task === "classification" ? emptyOutOfFold(total(plan.foldRows)) : null,
  }),
  add: (sums, block, state) => {
    const record = recorder(sums.outOfFold, firstRowOf(state.plan, block.part as number) + block.first);
    withKeptOutputs(notSeenBy(state, block), (outputs) => {
      const rows = { rows: block.rows, outputs, targets: block.targets, beta: state.temperature.beta };
      if (sums.judged.multilabel?.thresholds) countExactSets(sums.judged, rows);
      else judge(sums.judged, rows, record);
    });
    return sums;
  },
  // Sets of labels are counted on a second round, once the thresholds are known.
  finish: (state, { judged, outOfFold }) => {
    if (judged.multilabel && !judged.multilabel.thresholds) return { ...state, judged: withThresholds(judged) };
    const next = { ...state, judged, outOfFold };
    return { ...next, phase: judged.classification ? "bootstrap" : "settle" };
  },
};

const RESAMPLES = 200;
const RESAMPLES_AT_ONCE = 10;

/** Intervals of accuracy and macro-F1, from resamples of the rows held out. */
export const bootstrap: Computation<Resamples> = {
  steps: () => RESAMPLES / RESAMPLES_AT_ONCE,
  stepWork: ({ judged }) => 700 * RESAMPLES_AT_ONCE * (judged?.classification?.confusion.length ?? 0),
  begin: (state) => startResamples(confusionOf(state), state.plan.seed),
  step: (sums) => {
    for (let i = 0; i < RESAMPLES_AT_ONCE; i++) resample(sums);
    return sums;
  },
  finish: (state, sums) => {
    const metrics = metricsOfJudged(state.judged as Judged, state.plan.labels, fittedScaler(state));
    return { ...state, metrics: { ...metrics, ...bootstrapIntervals(sums) }, phase: "settle" };
  },
};

const confusionOf = ({ judged }: Checkpoint): Int32Array => judged?.classification?.confusion ?? new Int32Array(0);

/** Metrics of the final model on the rows given as `test`, which no fit has seen; nothing where there are none. */
export const test: Pass<Judged> = {
  parts: () => ["test"],
  work: selectedWork,
  begin: ({ plan, judged }) => {
    const empty = emptyJudged(plan);
    const thresholds = judged?.multilabel?.thresholds ?? null;
    return empty.multilabel ? { ...empty, multilabel: { ...empty.multilabel, thresholds } } : empty;
  },
  add: (sums, block, state) => {
    return withOutputs([state, selectedOf(state).kind, state.parameters as Float32Array, block], (outputs) => {
      const rows = { rows: block.rows, outputs, targets: block.targets, beta: state.temperature.beta };
      return countExactSets(judge(sums, rows), rows);
    });
  },
  finish: (state, judged) => {
    const metrics = metricsOfJudged(judged, state.plan.labels, fittedScaler(state));
    return { ...state, test: metrics.examples > 0 ? metrics : null, phase: "done" };
  },
};
