// The passes of a training. Each folds blocks into sums, then decides what comes next: everything the trainer loop calls.
import type { Part } from "./blocks.ts";
import type { Checkpoint, Phase, Trial } from "./checkpoint.ts";
import type { HeadShape } from "./heads/kind.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import { addRows, emptyMoments, type Moments, scalerOf } from "./heads/scaler.ts";
import { continueLbfgs, dot, type LbfgsState, restartLbfgs, startLbfgs, tell } from "./lbfgs.ts";
import { addMetrics, emptyMetricSums, expectedCalibrationError, type MetricSums, metricsOf } from "./metrics.ts";
import { finely, roughly } from "./plan.ts";
import { addSlopes, narrowTemperature, type Slopes } from "./temperature.ts";
import type { ReadyBlock } from "./training-data.ts";

export interface Pass<Sums> {
  readonly parts: readonly Part[];
  begin(state: Checkpoint): Sums;
  /** Adds a block, in place, and returns the same sums. */
  add(sums: Sums, block: ReadyBlock, state: Checkpoint): Sums;
  /** The state after the last block: the next phase, or this one again. */
  finish(state: Checkpoint, sums: Sums): Checkpoint;
  /** Passes over the features that `add` costs, in units of the head's forward product. */
  readonly products: number;
}

/** Stop the path after this many strengths in a row that score worse than the best, or one that scores this much worse. */
const PATIENCE = 2;
const CLEARLY_WORSE = 1.01;

interface Fit {
  loss: number;
  rows: number;
  readonly gradient: Float64Array;
}

export const shapeOf = ({ plan }: Checkpoint): HeadShape => ({ dims: plan.dims, classes: plan.labels.length });
export const kindOf = ({ plan }: Checkpoint) => HEAD_KINDS[plan.kind];

/** Mean and spread of every dimension, over training rows only: validation rows stay unseen in every respect. */
const scale: Pass<Moments> = {
  parts: ["train"],
  products: 0,
  begin: ({ plan }) => emptyMoments(plan.dims),
  add: (sums, block) => addRows(sums, block.raw().features),
  finish: (state, sums) => {
    const optimiser = startLbfgs(kindOf(state).init(shapeOf(state), state.plan.seed), roughly(state.plan));
    return { ...state, scaler: scalerOf(sums), optimiser, phase: "select" };
  },
};

/** One evaluation of the objective on the training rows, at the strength the path has come to. */
const select: Pass<Fit> = {
  parts: ["train"],
  products: 2,
  begin: beginFit,
  add: addFit,
  finish: (state, sums) => {
    const optimiser = evaluate(state, sums, strengthOf(state));
    return { ...state, optimiser, phase: optimiser.done ? "score" : "select" };
  },
};

/** The held-out loss of the strength just fitted; then the next strength, or the end of the path. */
const score: Pass<{ rows: number; logLoss: number }> = {
  parts: ["validation"],
  products: 1,
  begin: () => ({ rows: 0, logLoss: 0 }),
  add: (sums, block, state) => {
    const { logLoss } = addMetrics(emptyMetricSums(state.plan.labels.length), forward(state, block), block.labels, 1);
    return { rows: sums.rows + block.labels.length, logLoss: sums.logLoss + logLoss };
  },
  finish: (state, { rows, logLoss }) => {
    const { trial: parameters, evaluations } = state.optimiser as LbfgsState;
    const trial: Trial = { l2: strengthOf(state), log_loss: logLoss / rows, evaluations };
    const better = !state.selected || trial.log_loss < state.selected.log_loss;
    const next = { ...state, trials: [...state.trials, trial] };
    const known = better ? { ...next, selected: { l2: trial.l2, log_loss: trial.log_loss, parameters } } : next;
    return pathIsOver(known) ? { ...known, phase: "calibrate" } : fitNext(known);
  },
};

/** The temperature of the selected model, on rows it did not see. */
const calibrate: Pass<Slopes> = {
  parts: ["validation"],
  products: 1,
  begin: () => ({ first: 0, second: 0 }),
  add: (sums, block, state) => addSlopes(sums, forward(state, block), block.labels, state.temperature.beta),
  finish: (state, sums) => {
    const temperature = narrowTemperature(state.temperature, sums);
    return { ...state, temperature, phase: temperature.done ? "measure" : "calibrate" };
  },
};

/** Metrics of the selected model, on rows it did not see. */
const measure: Pass<MetricSums> = {
  parts: ["validation"],
  products: 1,
  begin: ({ plan }) => emptyMetricSums(plan.labels.length),
  add: addCalibrated,
  finish: (state, sums) => {
    const metrics = {
      validation: metricsOf(sums, state.plan.labels),
      eceBefore: expectedCalibrationError(sums.binsUncalibrated),
    };
    const { parameters, l2 } = selectedOf(state);
    const change = { strength: l2 - lastStrengthOf(state), regularised: regularisedOf(state) };
    const optimiser = restartLbfgs(state.optimiser as LbfgsState, parameters, change, finely(state.plan));
    return { ...state, metrics, optimiser, phase: "refit" };
  },
};

/** The final fit, on training and validation rows, from the selected model and at its strength per example. */
const refit: Pass<Fit> = {
  parts: ["train", "validation"],
  products: 2,
  begin: beginFit,
  add: addFit,
  finish: (state, sums) => {
    const trainRows = state.scaler?.rows ?? sums.rows;
    const optimiser = evaluate(state, sums, (selectedOf(state).l2 * trainRows) / sums.rows);
    if (!optimiser.done) return { ...state, optimiser };
    const { trial: parameters, evaluations } = optimiser;
    return { ...state, optimiser: null, parameters, evaluations, phase: "test" };
  },
};

/** Metrics of the final model on the rows given as `test`, which no fit has seen; nothing where there are none. */
const test: Pass<MetricSums> = {
  parts: ["test"],
  products: 1,
  begin: ({ plan }) => emptyMetricSums(plan.labels.length),
  add: addCalibrated,
  finish: (state, sums) => {
    const some = sums.confusion.some((count) => count > 0);
    return { ...state, test: some ? metricsOf(sums, state.plan.labels) : null, phase: "done" };
  },
};

export const PASSES: Readonly<Record<Exclude<Phase, "done">, Pass<unknown>>> = {
  ...{ scale, select, score, calibrate, measure, refit, test },
};

function beginFit(state: Checkpoint): Fit {
  return { loss: 0, rows: 0, gradient: new Float64Array(kindOf(state).size(shapeOf(state))) };
}

function addFit(sums: Fit, block: ReadyBlock, state: Checkpoint): Fit {
  const { trial } = state.optimiser as LbfgsState;
  sums.loss += kindOf(state).addLossGradient(shapeOf(state), trial, block.scaled(), block.labels, sums.gradient);
  sums.rows += block.labels.length;
  return sums;
}

/** Tells the optimiser mean cross-entropy + l2/2·|W|² and its gradient. */
function evaluate(state: Checkpoint, { loss, rows, gradient }: Fit, l2: number): LbfgsState {
  const optimiser = state.optimiser as LbfgsState;
  const at = optimiser.trial;
  const weights = at.subarray(0, regularisedOf(state));
  const g = new Float32Array(at.length);
  for (let i = 0; i < g.length; i++)
    g[i] = (gradient[i] as number) / rows + (i < weights.length ? l2 * (at[i] as number) : 0);
  return tell(optimiser, loss / rows + (l2 / 2) * dot(weights, weights), g);
}

/** The next stop of the path, from where the last one ended. */
function fitNext(state: Checkpoint): Checkpoint {
  const change = { strength: strengthOf(state) - lastStrengthOf(state), regularised: regularisedOf(state) };
  const optimiser = continueLbfgs(state.optimiser as LbfgsState, change);
  return { ...state, optimiser, phase: optimiser.done ? "score" : "select" };
}

const regularisedOf = (state: Checkpoint): number => kindOf(state).regularised(shapeOf(state));
const strengthOf = ({ plan, trials }: Checkpoint): number => plan.path[trials.length] as number;
const lastStrengthOf = ({ trials }: Checkpoint): number => trials.at(-1)?.l2 ?? 0;
const selectedOf = (state: Checkpoint) => state.selected as NonNullable<Checkpoint["selected"]>;

/** Whether the path has run out, or has turned: two stops in a row worse than the best, or one clearly so. */
function pathIsOver(state: Checkpoint): boolean {
  const { plan, trials } = state;
  const { l2, log_loss: best } = selectedOf(state);
  const since = trials.length - 1 - trials.findIndex((trial) => trial.l2 === l2);
  const last = trials.at(-1)?.log_loss ?? best;
  return trials.length >= plan.path.length || since >= PATIENCE || last > CLEARLY_WORSE * best;
}

function forward(state: Checkpoint, block: ReadyBlock): Float32Array {
  const parameters =
    state.phase === "score"
      ? (state.optimiser as LbfgsState).trial
      : (state.parameters ?? selectedOf(state).parameters);
  return kindOf(state).forward(shapeOf(state), parameters, block.scaled());
}

function addCalibrated(sums: MetricSums, block: ReadyBlock, state: Checkpoint): MetricSums {
  return addMetrics(sums, forward(state, block), block.labels, state.temperature.beta);
}
