// Measures the Hessian's diagonal at the current point of a fit: once most rows are decided, each output's curvature depends on
// a few rows, not on all as at the start.
import { curvatureLength } from "../../tensor/curvature.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import { diagonalOf } from "../optimisers/diagonal.ts";
import { type LbfgsOptions, type LbfgsState, startLbfgs } from "../optimisers/lbfgs.ts";
import { gramDims, isLarge, type Plan, total } from "../plan.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { allFolds, forwardWork, headOf, lossTask, otherFolds, type Pass, shapeOf } from "./pass.ts";

/** Evaluations after which a continuing fit has left its starting point. On banking77, six to ten give much the same result. */
const MEASURED_AFTER = 9;

/** Measures once on the path: later strengths begin close to this point. */
export function withDiagonal(state: Checkpoint, fit: LbfgsState): Checkpoint {
  const isDue = isUnmeasured(state) && evaluationsBefore(state) + fit.evaluations >= MEASURED_AFTER;
  return isDue ? { ...state, phase: "diagonal", next: state.phase as "select" | "refit" } : state;
}

/** Whether a measured diagonal would improve the current preconditioner. */
const isUnmeasured = ({ kind, diagonal, curvature, plan }: Checkpoint): boolean =>
  HEAD_KINDS[kind].addCurvature !== null &&
  !TASK_KINDS[plan.task].curvature.isConstant &&
  !isLarge(plan) &&
  (diagonal ? !diagonal.isMeasured : curvature !== null && isOneLongFit(plan));

/** False for a path with several stops, and for several rounds: each fit takes few steps, for which a Gram matrix is enough. */
const isOneLongFit = ({ path, rounds }: Plan): boolean => path.length === 1 && rounds === 1;

/** Evaluations per round at the previous strengths. */
const evaluationsBefore = ({ trials, plan }: Checkpoint): number =>
  total(trials.map(({ evaluations }) => evaluations)) / Math.max(1, plan.rounds);

/** Share of the first step that is tried: dimensions are correlated, and each alone would take the whole step. */
const FIRST_STEP = 0.1;

/**
 * The final fit begins far from where the path was measured, and with rows that no fit has seen, so pairs from the path are
 * dropped.
 */
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

/** Rows per dimension, and per output, that are enough for a preconditioner. */
const ENOUGH_ROWS = { perDimension: 4, perOutput: 64 };

export const diagonal: Pass<DiagonalSums> = {
  parts: (state) => (state.next === "refit" ? allFolds(state) : otherFolds(state)),
  mostRows: ({ plan }) => Math.max(ENOUGH_ROWS.perDimension * plan.dims, ENOUGH_ROWS.perOutput * plan.labels.length),
  work: (state, rows) => 3 * forwardWork(state, rows),
  begin: (state) => {
    const [head, shape] = [headOf(state), shapeOf(state)];
    const weights = head.regularised(shape);
    return { values: new Float32Array(curvatureLength(weights, head.size(shape) - weights)), rows: 0 };
  },
  add: (sums, block, state) => {
    const { at, trial } = fitOf(state);
    headOf(state).addCurvature?.(shapeOf(state), at?.x ?? trial, block.scaled(), lossTask(state, block), sums.values);
    sums.rows += block.rows;
    return sums;
  },
  finish: (state, { values, rows }) => ({
    ...state,
    diagonal: diagonalOf(values, rows, gramDims(state.plan)),
    phase: state.next,
  }),
};
