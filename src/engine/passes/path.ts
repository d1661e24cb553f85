// The path of strengths: each is fitted on all folds but one, from the fit at the stronger one, and scored on
// the held-out fold; round by round if several folds are held out in turn.
import type { Checkpoint, Selected, StrengthTrial } from "../checkpoint.ts";
import { hasFewRows } from "../fit-settings.ts";
import { emptyScoreSums, type ScoreSums } from "../metrics/score.ts";
import { type LbfgsState, stopAtAccepted } from "../optimisers/lbfgs.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { scoreOf } from "../tasks/score-of.ts";
import { withDiagonal } from "./diagonal.ts";
import { addFit, beginFitSums, evaluate, evaluationWork, type FitSums } from "./objective.ts";
import {
  allFolds,
  forwardWork,
  isSpent,
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

export const strengthOf = ({ plan, trials }: Checkpoint): number => plan.path[trials.length] as number;
export const lastStrengthOf = ({ trials }: Checkpoint): number => trials.at(-1)?.l2 ?? 0;

/** Begins the next strength. With a Gram matrix, its curvature is computed first. */
export function nextStrength(state: Checkpoint): Checkpoint {
  if (!state.gram || isNear(state.curvature, strengthOf(state), state.plan)) return { ...state, phase: "begin_fit" };
  return { ...state, phase: "invert", next: "begin_fit", curvature: curvatureAt(strengthOf(state)) };
}

/** Largest ratio of two strengths at which the curvature of one is a good preconditioner for the other: two stops of the path. */
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
  work: (state, rows) => forwardWork(state, rows) + 1_000 * rows * shapeOf(state).outputs,
  begin: (state) => state.scores ?? emptyScoreSums(shapeOf(state).outputs),
  add: (sums, block, state) => {
    const { trial } = state.fits[state.round] as LbfgsState;
    const { targets, rows } = block;
    const { score } = TASK_KINDS[state.plan.task];
    return withKeptOutputs([state, trial, block], (outputs) => score.add(sums, outputs, targets, rows));
  },
  finish: (state, scores) => {
    if (state.round + 1 < state.plan.rounds) return { ...state, scores, round: state.round + 1, phase: "begin_fit" };
    const score = scoreOf(scores, state.plan);
    const log_loss = TASK_KINDS[state.plan.task].score.lossOf(scores);
    const judged = { score, log_loss, exact: scores.exact / scores.rows };
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
  const candidate = { ...judged, kind: state.kind, l2, epochs: 0, parameters };
  const selected = isBetter(candidate, state) ? candidate : state.selected;
  const next = { ...state, trials, selected };
  return { ...next, phase: isPathOver(next) ? "next_kind" : "next_strength" };
}

/** Score ratio above which a strength is worse, for few rows, where accuracy is less informative than loss. */
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
