// The path of strengths of a linear head: each is fitted on all folds but one, from the fit at the stronger one, and scored on
// the held-out fold; round by round if several folds are held out in turn.

import { release } from "../../core/release.ts";
import { addTo } from "../../tensor/loss.ts";
import type { GradientPart } from "../../tensor/products.ts";
import { dot } from "../../tensor/vectors.ts";
import type { Checkpoint, Selected, StrengthTrial } from "../checkpoint.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import { addScores, emptyScoreSums, lossOf, type ScoreSums, scoreOf } from "../metrics/score.ts";
import {
  isHesitating,
  isReached,
  type LbfgsState,
  restate,
  stopAtAccepted,
  withEvaluation,
} from "../optimisers/lbfgs.ts";
import { hasFewRows, isLarge } from "../plan.ts";
import { curvatureOf } from "./curvature.ts";
import { withDiagonal } from "./diagonal.ts";
import {
  allFolds,
  forwardWork,
  isSpent,
  lossTask,
  otherFolds,
  type Pass,
  SEARCH_SHARE,
  shapeOf,
  withKeptOutputs,
} from "./pass.ts";

/** Stop the path after this many strengths in a row that score worse than the best, or after one that is clearly worse. */
const PATIENCE = 2;
/** Score ratio above which a strength is clearly worse. Held-out rows cannot distinguish smaller differences. */
const CLEARLY_WORSE = 1.01;

export interface FitSums {
  loss: number;
  rows: number;
  /** Excludes what is still in `part`. Empty for a large head, which keeps the whole gradient in `part`. */
  readonly gradient: Float64Array;
  readonly part: GradientPart;
}

const linear = HEAD_KINDS.linear;

export const strengthOf = ({ plan, trials }: Checkpoint): number => plan.path[trials.length] as number;
export const lastStrengthOf = ({ trials }: Checkpoint): number => trials.at(-1)?.l2 ?? 0;
export const regularisedOf = (state: Checkpoint): number => linear.regularised(shapeOf(state, "linear"));

/** Begins the next strength. With a Gram matrix, its curvature is computed first. */
export function nextStrength(state: Checkpoint): Checkpoint {
  if (!state.gram || isNear(state.curvature, strengthOf(state), state.plan)) return { ...state, phase: "begin_fit" };
  return { ...state, phase: "invert", next: "begin_fit", curvature: curvatureAt(strengthOf(state)) };
}

/** Ratio of strengths up to which a curvature of one is a good preconditioner at the other: two stops of the path. */
const NEAR = 11;

/**
 * Whether the current curvature also serves this strength. It only preconditions an optimiser that learns the rest; closed
 * forms need the exact one.
 */
export const isNear = (curvature: Checkpoint["curvature"], l2: number, { rounds }: Checkpoint["plan"]): boolean =>
  curvature !== null && rounds > 0 && Math.max(curvature.l2 / l2, l2 / curvature.l2) < NEAR;

/** A curvature that `invert` still has to compute. */
export const curvatureAt = (l2: number): Checkpoint["curvature"] => ({ l2, matrix: new Float32Array(0), factor: null });

export const withFit = (state: Checkpoint, fit: LbfgsState): Checkpoint => {
  const fits = [...state.fits];
  fits[state.round] = fit;
  return { ...state, fits };
};

export const fitted = (state: Checkpoint): Checkpoint => ({
  ...state,
  phase: state.plan.rounds === 0 ? "leave_one_out" : "score",
});

/** One evaluation of the objective on the folds of the round, at the current strength. */
export const select: Pass<FitSums> = {
  parts: (state) => (state.plan.rounds === 0 ? allFolds(state) : otherFolds(state)),
  work: (state, rows) => evaluationWork(state, rows, state.fits[state.round] as LbfgsState),
  begin: beginFitSums,
  add: (sums, block, state) => addFit(sums, block, state, state.fits[state.round] as LbfgsState),
  finish: (state, sums) => {
    const told = evaluate(state, state.fits[state.round] as LbfgsState, sums, strengthOf(state));
    const fit = isSpent(state, SEARCH_SHARE) ? stopAtAccepted(told) : told;
    const next = withFit(state, fit);
    return fit.done ? fitted(next) : withDiagonal(next, fit);
  },
};

/** The held-out loss at the fitted strength; then the next round, the next strength, or the end of the path. */
export const score: Pass<ScoreSums> = {
  parts: ({ round }) => [round],
  // Losses at every temperature need exponentials: each output takes as long as a thousand operations of a product.
  work: (state, rows) => forwardWork(state, "linear", rows) + 1_000 * rows * shapeOf(state, "linear").outputs,
  begin: (state) => state.scores ?? emptyScoreSums(shapeOf(state, "linear").outputs),
  add: (sums, block, state) => {
    const { trial } = state.fits[state.round] as LbfgsState;
    const { targets, rows } = block;
    return withKeptOutputs([state, "linear", trial, block], (outputs) => addScores(sums, outputs, targets, rows));
  },
  finish: (state, scores) => {
    if (state.round + 1 < state.plan.rounds) return { ...state, scores, round: state.round + 1, phase: "begin_fit" };
    const score = scoreOf(scores, state.plan);
    const judged = { score, log_loss: lossOf(scores, state.plan.task), exact: scores.exact / scores.rows };
    return endStrength({ ...state, scores: null, round: 0 }, judged);
  },
};

/** Records the result of the strength; then the next strength, or the phase after the path. */
export function endStrength(state: Checkpoint, judged: Pick<Selected, "score" | "log_loss" | "exact">): Checkpoint {
  const l2 = strengthOf(state);
  const evaluations = state.fits.reduce((sum, fit) => sum + fit.evaluations, 0);
  const { exact, ...scored } = judged;
  const trials: StrengthTrial[] = [...state.trials, { l2, ...scored, evaluations }];
  const parameters = state.fits.map(({ trial }) => trial);
  const candidate = { ...judged, kind: "linear" as const, l2, epochs: 0, parameters };
  const selected = isBetter(candidate, state) ? candidate : state.selected;
  const next = { ...state, trials, selected };
  return { ...next, phase: isPathOver(next) ? "next_kind" : "next_strength" };
}

/** The same for few rows, where accuracy is less informative than loss. */
const WORSE_OF_FEW = 1.001;

const sameScore = (plan: Checkpoint["plan"]): number =>
  plan.metric !== "log_loss" ? 1 : hasFewRows(plan) ? WORSE_OF_FEW : CLEARLY_WORSE;

/**
 * Whether a stop scores better than the best so far. If neither is distinguishable from the very best by loss, the one with
 * more exact rows wins.
 */
function isBetter({ score, exact }: Selected, { selected, trials, plan }: Checkpoint): boolean {
  if (!selected) return true;
  const best = Math.min(score, ...trials.map((trial) => trial.score));
  const areSame = Math.max(score, selected.score) <= sameScore(plan) * best;
  return areSame && exact !== selected.exact ? exact > selected.exact : score < selected.score;
}

const stopsSinceBest = ({ trials, selected }: Checkpoint): number =>
  trials.length - 1 - trials.findIndex((trial) => trial.l2 === selected?.l2);

/** Whether the last stop was past the best and clearly worse. */
export const hasTurned = (state: Checkpoint): boolean =>
  stopsSinceBest(state) > 0 && (state.trials.at(-1)?.score ?? 0) > CLEARLY_WORSE * (state.selected?.score ?? 0);

/** Whether the path has ended or turned: some stops in a row were worse than the best, or one was clearly worse. */
function isPathOver(state: Checkpoint): boolean {
  const { plan, trials } = state;
  const isBehind = stopsSinceBest(state) >= PATIENCE || hasTurned(state);
  return (
    trials.length >= plan.path.length || (trials.length >= LEAST_STRENGTHS && isBehind) || isSpent(state, SEARCH_SHARE)
  );
}

/** Least number of strengths tried, even if the path turned earlier. */
const LEAST_STRENGTHS = 8;

export function beginFitSums(state: Checkpoint): FitSums {
  const size = linear.size(shapeOf(state, "linear"));
  const gradient = new Float64Array(isLarge(state.plan) ? 0 : size);
  return { loss: 0, rows: 0, gradient, part: { values: new Float32Array(size), rows: 0 } };
}

/** Relative decrease of the last step below which the remaining gain is close to the rounding error of 16 bits. */
const FINE_BELOW = 1e-6;

/** Whether products may be rounded to 16 bits at all. Products of sparse rows are not. */
const mayBeRough = ({ scaler }: Checkpoint): boolean => !scaler?.sparse;

/** Whether a fit is far enough from its end for products rounded to 16 bits. */
const isRough = (state: Checkpoint, { decrease }: LbfgsState): boolean =>
  mayBeRough(state) && (decrease === null || decrease > FINE_BELOW);

/**
 * Upper bound on the loss error of 16-bit products. Within it, they can hide that a line descends. Exact products can hide it
 * too, if the line begins at a loss that 16-bit products made too low.
 */
const ROUNDING = 1e-4;

/** Whether rounding to 16 bits may have decided that a line does not descend, or that the target is reached. */
const isRoundingToTell = (state: Checkpoint, before: LbfgsState, told: LbfgsState, f: number): boolean =>
  (mayBeRough(state) && isHesitating(told, f, ROUNDING)) || (isRough(state, before) && isReached(told));

/** Cost of 16-bit products relative to float32. */
const ROUGH_WORK = 0.6;

/** Operations of loss and gradient. */
export function evaluationWork(state: Checkpoint, rows: number, fit: LbfgsState): number {
  return (isRough(state, fit) ? ROUGH_WORK : 1) * 2 * forwardWork(state, "linear", rows);
}

export function addFit(sums: FitSums, block: ReadyBlock, state: Checkpoint, fit: LbfgsState): FitSums {
  const { trial } = fit;
  const task = { ...lossTask(state, block), rough: isRough(state, fit) };
  const { gradient, part } = sums;
  sums.loss += linear.addLossGradient(shapeOf(state, "linear"), trial, block.scaled(), task, gradient, part);
  sums.rows += block.rows;
  return sums;
}

/**
 * The gradient of the mean loss + l2/2·|W|² at `weights`. Consumes the sums: their memory is released, or becomes the gradient.
 */
function meanGradient({ gradient, part, rows }: FitSums, weights: Float32Array, l2: number): Float32Array {
  const { values } = part;
  const inPart = gradient.length === 0;
  if (!inPart && part.rows > 0) addTo(gradient, 0, values);
  const sums = inPart ? values : gradient;
  // Overwrites the part: it is already empty, or each number is read before it is overwritten.
  for (let i = 0; i < values.length; i++)
    values[i] = (sums[i] as number) / rows + (i < weights.length ? l2 * (weights[i] as number) : 0);
  release(gradient);
  return values;
}

/** Passes mean loss + l2/2·|W|² and its gradient to the optimiser. */
export function evaluate(state: Checkpoint, optimiser: LbfgsState, sums: FitSums, l2: number): LbfgsState {
  const weights = optimiser.trial.subarray(0, regularisedOf(state));
  const g = meanGradient(sums, weights, l2);
  const f = sums.loss / sums.rows + (l2 / 2) * dot(weights, weights);
  const told = withEvaluation(optimiser, f, g, curvatureOf(state, l2));
  return isRoundingToTell(state, optimiser, told, f) ? restate(told) : told;
}
