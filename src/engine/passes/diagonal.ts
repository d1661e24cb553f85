// The Hessian's diagonal where a fit has come to: once most rows are decided, outputs see dimensions vary as few rows do, and
// not as all of them did when it began.
import { curvatureLength } from "../../tensor/curvature.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { diagonalOf } from "../diagonal.ts";
import { addLinearCurvature } from "../heads/linear.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import { type LbfgsOptions, type LbfgsState, startLbfgs } from "../lbfgs.ts";
import { gramDims, isLarge, type Plan, total } from "../plan.ts";
import { allFolds, forwardWork, lossTask, otherFolds, type Pass, shapeOf } from "./pass.ts";

/** Evaluations after which a fit that goes on has left what it began with: on banking77, six to ten come to much the same. */
const MEASURED_AFTER = 9;

/** Measured once on the path: later strengths begin near enough to where this one stood. */
export function withDiagonal(state: Checkpoint, fit: LbfgsState): Checkpoint {
  const isDue = isUnmeasured(state) && evaluationsBefore(state) + fit.evaluations >= MEASURED_AFTER;
  return isDue ? { ...state, phase: "diagonal", next: state.phase as "select" | "refit" } : state;
}

/** Whether a guide is in use that measuring would better: a Gram matrix is all there is to a regression. */
const isUnmeasured = ({ diagonal, curvature, plan }: Checkpoint): boolean =>
  plan.task !== "regression" &&
  !isLarge(plan) &&
  (diagonal ? !diagonal.isMeasured : curvature !== null && isOneLongFit(plan));

/** A Gram matrix is good enough for the few steps that each stop of a path takes, or each of many rounds. */
const isOneLongFit = ({ path, rounds }: Plan): boolean => path.length === 1 && rounds === 1;

/** Of a round, at the strengths before. */
const evaluationsBefore = ({ trials, plan }: Checkpoint): number =>
  total(trials.map(({ evaluations }) => evaluations)) / Math.max(1, plan.rounds);

/** Dimensions go together, and each would take the whole of a step: what is tried of the first one. */
const FIRST_STEP = 0.1;

/** The final fit begins far from where the path was measured, and with rows that no fit has seen: what steps told there is of no use. */
export function measuredAnew(state: Checkpoint, from: Float32Array, options: LbfgsOptions): Checkpoint {
  const optimiser = startLbfgs(from, { ...options, firstStep: FIRST_STEP });
  return { ...state, optimiser, fits: [], phase: "diagonal", next: "refit" };
}

const fitOf = ({ next, optimiser, fits, round }: Checkpoint): LbfgsState =>
  (next === "refit" ? optimiser : fits[round]) as LbfgsState;

interface DiagonalSums {
  readonly values: Float32Array;
  rows: number;
}

/** Rows from which on a guide is good enough: for every dimension, and for every output. */
const ENOUGH_ROWS = { perDimension: 4, perOutput: 64 };

export const diagonal: Pass<DiagonalSums> = {
  parts: (state) => (state.next === "refit" ? allFolds(state) : otherFolds(state)),
  mostRows: ({ plan }) => Math.max(ENOUGH_ROWS.perDimension * plan.dims, ENOUGH_ROWS.perOutput * plan.labels.length),
  work: (state, rows) => 3 * forwardWork(state, "linear", rows),
  begin: (state) => {
    const { linear } = HEAD_KINDS;
    const shape = shapeOf(state, "linear");
    const weights = linear.regularised(shape);
    return { values: new Float32Array(curvatureLength(weights, linear.size(shape) - weights)), rows: 0 };
  },
  add: (sums, block, state) => {
    const { at, trial } = fitOf(state);
    addLinearCurvature(shapeOf(state, "linear"), at?.x ?? trial, block.scaled(), lossTask(state, block), sums.values);
    sums.rows += block.rows;
    return sums;
  },
  finish: (state, { values, rows }) => ({
    ...{ ...state, diagonal: diagonalOf(values, rows, gramDims(state.plan)), phase: state.next },
  }),
};
