// The path of strengths of a linear head: each fitted on all folds but one, from where the stronger one ended, and scored on
// the fold left out; round by round where several folds are held out in turn.

import { release } from "../../core/release.ts";
import { addTo } from "../../tensor/loss.ts";
import type { GradientPart } from "../../tensor/products.ts";
import { dot } from "../../tensor/vectors.ts";
import type { Checkpoint, Selected, Trial } from "../checkpoint.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import { isHesitating, isReached, type LbfgsState, restate, settle, tell } from "../lbfgs.ts";
import { addScores, emptyScoreSums, lossOf, type ScoreSums, scoreOf } from "../metrics/score.ts";
import { hasFewRows, isLarge } from "../plan.ts";
import type { ReadyBlock } from "../training-data.ts";
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

/** Stop the path after this many strengths in a row that score worse than the best, or one that clearly does. */
const PATIENCE = 2;
/** Rows held out do not tell from the best what scores worse by less. */
const CLEARLY_WORSE = 1.01;

export interface FitSums {
  loss: number;
  rows: number;
  /** But for what is in `part` yet; empty for a large head, whose part is all of it. */
  readonly gradient: Float64Array;
  readonly part: GradientPart;
}

const linear = HEAD_KINDS.linear;

export const strengthOf = ({ plan, trials }: Checkpoint): number => plan.path[trials.length] as number;
export const lastStrengthOf = ({ trials }: Checkpoint): number => trials.at(-1)?.l2 ?? 0;
export const regularisedOf = (state: Checkpoint): number => linear.regularised(shapeOf(state, "linear"));

/** Begins the next strength: with a curvature of its own where there is a Gram matrix. */
export function nextStrength(state: Checkpoint): Checkpoint {
  if (!state.gram || isNear(state.curvature, strengthOf(state), state.plan)) return { ...state, phase: "begin_fit" };
  return { ...state, phase: "invert", next: "begin_fit", curvature: curvatureAt(strengthOf(state)) };
}

/** Strengths as far apart as two stops of the path: a curvature of one is as good a guide at the other. */
const NEAR = 11;

/** Whether a curvature at hand serves a strength too: it guides an optimiser that learns the rest; closed forms need their own. */
export const isNear = (curvature: Checkpoint["curvature"], l2: number, { rounds }: Checkpoint["plan"]): boolean =>
  curvature !== null && rounds > 0 && Math.max(curvature.l2 / l2, l2 / curvature.l2) < NEAR;

/** A curvature that `invert` is still to work out. */
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

/** One evaluation of the objective on the folds of the round, at the strength the path has come to. */
export const select: Pass<FitSums> = {
  parts: (state) => (state.plan.rounds === 0 ? allFolds(state) : otherFolds(state)),
  work: (state, rows) => evaluationWork(state, rows, state.fits[state.round] as LbfgsState),
  begin: beginFitSums,
  add: (sums, block, state) => addFit(sums, block, state, state.fits[state.round] as LbfgsState),
  finish: (state, sums) => {
    const told = evaluate(state, state.fits[state.round] as LbfgsState, sums, strengthOf(state));
    const fit = isSpent(state, SEARCH_SHARE) ? settle(told) : told;
    const next = withFit(state, fit);
    return fit.done ? fitted(next) : withDiagonal(next, fit);
  },
};

/** The loss held out at the strength just fitted; then the next round, the next strength, or the end of the path. */
export const score: Pass<ScoreSums> = {
  parts: ({ round }) => [round],
  // The losses at every temperature are exponentials: of an output, what a thousand operations of a product take.
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

/** Records what the strength came to; then the next one, or whatever comes after the path. */
export function endStrength(state: Checkpoint, judged: Pick<Selected, "score" | "log_loss" | "exact">): Checkpoint {
  const l2 = strengthOf(state);
  const evaluations = state.fits.reduce((sum, fit) => sum + fit.evaluations, 0);
  const { exact, ...scored } = judged;
  const trials: Trial[] = [...state.trials, { l2, ...scored, evaluations }];
  const parameters = state.fits.map(({ trial }) => trial);
  const candidate = { ...judged, kind: "linear" as const, l2, epochs: 0, parameters };
  const selected = isBetter(candidate, state) ? candidate : state.selected;
  if (selected === candidate) releaseBefore(state.selected, parameters);
  const next = { ...state, trials, selected };
  return { ...next, phase: isPathOver(next) ? "next_kind" : "next_strength" };
}

/** Gives back the parameters of what was selected before, but for those that a fit still stands at. */
function releaseBefore(before: Selected | null, kept: readonly Float32Array[]): void {
  for (const parameters of before?.parameters ?? []) if (!kept.includes(parameters)) release(parameters);
}

/** The same of few rows, of which accuracy tells less than loss does. */
const WORSE_OF_FEW = 1.001;

const sameScore = (plan: Checkpoint["plan"]): number =>
  plan.metric !== "log_loss" ? 1 : hasFewRows(plan) ? WORSE_OF_FEW : CLEARLY_WORSE;

/** Whether a stop scores better than the best so far; of those that no loss tells from the very best, the one right more often. */
function isBetter({ score, exact }: Selected, { selected, trials, plan }: Checkpoint): boolean {
  if (!selected) return true;
  const best = Math.min(score, ...trials.map((trial) => trial.score));
  const areSame = Math.max(score, selected.score) <= sameScore(plan) * best;
  return areSame && exact !== selected.exact ? exact > selected.exact : score < selected.score;
}

const stopsSinceBest = ({ trials, selected }: Checkpoint): number =>
  trials.length - 1 - trials.findIndex((trial) => trial.l2 === selected?.l2);

/** Whether the last stop was past the best, and clearly worse. */
export const hasTurned = (state: Checkpoint): boolean =>
  stopsSinceBest(state) > 0 && (state.trials.at(-1)?.score ?? 0) > CLEARLY_WORSE * (state.selected?.score ?? 0);

/** Whether the path has run out, or has turned: some stops in a row worse than the best, or one clearly so. */
function isPathOver(state: Checkpoint): boolean {
  const { plan, trials } = state;
  const isBehind = stopsSinceBest(state) >= PATIENCE || hasTurned(state);
  return (
    trials.length >= plan.path.length || (trials.length >= LEAST_STRENGTHS && isBehind) || isSpent(state, SEARCH_SHARE)
  );
}

/** Strengths tried at least, though the path may have turned before. */
const LEAST_STRENGTHS = 8;

export function beginFitSums(state: Checkpoint): FitSums {
  const size = linear.size(shapeOf(state, "linear"));
  const gradient = new Float64Array(isLarge(state.plan) ? 0 : size);
  return { loss: 0, rows: 0, gradient, part: { values: new Float32Array(size), rows: 0 } };
}

/** A last step that lowered the objective by less than this share of it: what is left to gain is near to what rounding takes. */
const FINE_BELOW = 1e-6;

/** Whether products may be rounded to 16 bits at all: those of sparse rows are not. */
const mayBeRough = ({ scaler }: Checkpoint): boolean => !scaler?.sparse;

/** Whether a fit is far enough from its end for products rounded to 16 bits. */
const isRough = (state: Checkpoint, { decrease }: LbfgsState): boolean =>
  mayBeRough(state) && (decrease === null || decrease > FINE_BELOW);

/**
 * More than products in 16 bits may take off a loss or add to it: on a line that goes down, they may say that it does not, and
 * so may exact ones of a line that begins at a loss they took too low.
 */
const ROUNDING = 1e-4;

/** Whether products of 16 bits may have decided that a line does not go down, or that it went far enough. */
const isRoundingToTell = (state: Checkpoint, before: LbfgsState, told: LbfgsState, f: number): boolean =>
  (mayBeRough(state) && isHesitating(told, f, ROUNDING)) || (isRough(state, before) && isReached(told));

/** What 16-bit products cost, of what float32 does. */
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
 * The gradient of the mean loss + l2/2·|W|² at `weights`. The sums are spent: what they stand on is released, or becomes the
 * gradient.
 */
function meanGradient({ gradient, part, rows }: FitSums, weights: Float32Array, l2: number): Float32Array {
  const { values } = part;
  const inPart = gradient.length === 0;
  if (!inPart && part.rows > 0) addTo(gradient, 0, values);
  const sums = inPart ? values : gradient;
  // In the place of the part: nothing is in it any more, or each number is read before its place is written.
  for (let i = 0; i < values.length; i++)
    values[i] = (sums[i] as number) / rows + (i < weights.length ? l2 * (weights[i] as number) : 0);
  release(gradient);
  return values;
}

/** Tells the optimiser mean loss + l2/2·|W|² and its gradient. */
export function evaluate(state: Checkpoint, optimiser: LbfgsState, sums: FitSums, l2: number): LbfgsState {
  const weights = optimiser.trial.subarray(0, regularisedOf(state));
  const g = meanGradient(sums, weights, l2);
  const f = sums.loss / sums.rows + (l2 / 2) * dot(weights, weights);
  const told = tell(optimiser, f, g, curvatureOf(state, l2));
  return isRoundingToTell(state, optimiser, told, f) ? restate(told) : told;
}
