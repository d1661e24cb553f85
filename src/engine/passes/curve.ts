// The learning curve, if requested: the selected linear head fitted on growing shares of the rows that the first round did not
// hold out, and scored on the rows that it did hold out.
import type { Checkpoint } from "../checkpoint.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { finely } from "../fit-settings.ts";
import { type LbfgsState, startLbfgs, stopAtAccepted } from "../optimisers/lbfgs.ts";
import { type Judged, judgingOf } from "../tasks/registry.ts";
import { emptyAtThresholds } from "./judge.ts";
import { addFit, beginFitSums, evaluate, evaluationWork, type FitSums } from "./objective.ts";
import {
  fittedScaler,
  forward,
  headOf,
  isSpent,
  judgingWork,
  otherFolds,
  type Pass,
  rowsOfFolds,
  selectedOf,
  shapeOf,
} from "./pass.ts";

const shareOf = ({ plan, curve }: Checkpoint): number => plan.curve[curve.length] as number;
const learningRows = (state: Checkpoint): number => rowsOfFolds(state.plan, otherFolds({ ...state, round: 0 }));
const rowsAt = (state: Checkpoint): number => Math.round(shareOf(state) * learningRows(state));

/** The l2 that regularises a share of the rows as the selected strength regularises all of them. */
const strengthAt = (state: Checkpoint): number => (selectedOf(state).l2 * learningRows(state)) / rowsAt(state);

/** Begins the next share from the fit of the smaller one. The first round has already fitted the whole. */
export function nextShare(state: Checkpoint): Checkpoint {
  const { plan, curve, fits } = state;
  const { parameters } = selectedOf(state);
  if (curve.length >= plan.curve.length || isSpent(state, 1)) return endCurve(state);
  const whole = shareOf(state) === 1;
  const from = fits[0]?.trial ?? headOf(state).init(shapeOf(state), plan.seed);
  const fit = startLbfgs(whole ? (parameters[0] as Float32Array) : from, finely(plan));
  return { ...state, round: 0, fits: [fit], phase: whole ? "curve_score" : "curve_fit" };
}

const endCurve = (state: Checkpoint): Checkpoint => ({ ...state, fits: [], curvature: null, phase: "test" });

export const curveFit: Pass<FitSums> = {
  parts: otherFolds,
  mostRows: rowsAt,
  work: (state, rows) => evaluationWork(state, rows, fitOf(state)),
  begin: beginFitSums,
  add: (sums, block, state) => {
    const rows = Math.min(block.rows, rowsAt(state) - sums.rows);
    return addFit(sums, firstRows(block, rows), state, fitOf(state));
  },
  finish: (state, sums) => {
    const told = evaluate(state, fitOf(state), sums, strengthAt(state));
    const fit = isSpent(state, 1) ? stopAtAccepted(told) : told;
    return { ...state, fits: [fit], phase: fit.done ? "curve_score" : "curve_fit" };
  },
};

const fitOf = ({ fits }: Checkpoint): LbfgsState => fits[0] as LbfgsState;

function firstRows(block: ReadyBlock, rows: number): ReadyBlock {
  const targets = block.targets.subarray(0, (rows * block.targets.length) / block.rows);
  // Kept outputs cover the whole block, so they cannot be used here.
  const withKept: ReadyBlock["withKept"] = (_, compute, use) => use(compute());
  return { ...block, rows, targets, scaled: () => block.scaled().first(rows), withKept };
}

export const curveScore: Pass<Judged> = {
  parts: () => [0],
  work: (state, rows) => judgingWork(state, rows),
  begin: emptyAtThresholds,
  add: (sums, block, state) => {
    const outputs = forward(state, fitOf(state).trial, block);
    judgingOf(sums).add(sums, { rows: block.rows, outputs, targets: block.targets, beta: state.temperature.beta });
    return sums;
  },
  finish: (state, judged) => {
    const judging = judgingOf(judged);
    const figures = judging.curveFigures(judging.metrics(judged, state.plan.labels, fittedScaler(state)));
    const point = { share: shareOf(state), examples: rowsAt(state), ...figures };
    return { ...state, curve: [...state.curve, point], phase: "next_share" };
  },
};
