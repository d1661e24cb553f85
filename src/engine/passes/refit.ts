// The final fit, on all folds, from the selected model and at its strength per example; then scores of the examples that were
// not held out while choosing, and of the test rows.
import { addTo } from "../../tensor/loss.ts";
import { dot } from "../../tensor/vectors.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { emptyOutOfFold, type OutOfFold, recorder } from "../findings/out-of-fold.ts";
import { finely } from "../fit-settings.ts";
import { restartLbfgs } from "../optimisers/l2-change.ts";
import { type LbfgsState, startLbfgs, stopAtAccepted } from "../optimisers/lbfgs.ts";
import { type Judged, judgingOf } from "../tasks/registry.ts";
import { measuredAnew, withDiagonal } from "./diagonal.ts";
import { addFit, beginFitSums, evaluate, evaluationWork, type FitSums, regularisedOf } from "./objective.ts";
import {
  allFolds,
  firstRowOf,
  isSpent,
  judgedFolds,
  judgingWork,
  otherFolds,
  type Pass,
  rowsOf,
  rowsOfFolds,
  selectedOf,
  withOutputs,
} from "./pass.ts";
import { curvatureAt, isNear } from "./path.ts";

/** Begins the final fit, once the selected head is measured. */
export function settlePath(state: Checkpoint): Checkpoint {
  const { plan, judged } = state;
  if (!judged) throw new Error("Nothing has been judged yet");
  const known = { ...state, round: 0 };
  const l2 = refitStrength(known);
  if (!state.gram || plan.rounds === 0 || isNear(state.curvature, l2, plan)) return { ...known, phase: "begin_refit" };
  return { ...known, phase: "invert", next: "begin_refit", curvature: curvatureAt(l2) };
}

/**
 * The l2 that regularises all rows as the selected strength did the rows of one round: with fewer rows, the prior per row must
 * be stronger.
 */
function refitStrength(state: Checkpoint): number {
  const { plan } = state;
  const { l2 } = selectedOf(state);
  const all = rowsOf(plan);
  const held = plan.rounds === 0 ? 0 : rowsOfFolds(plan, judgedFolds(state)) / plan.rounds;
  return (l2 * (all - held)) / all;
}

export function beginRefit(state: Checkpoint): Checkpoint {
  const from = state.warm?.final ?? meanOf(selectedOf(state).parameters);
  if (state.plan.rounds === 0) return refitted(state, from, 0);
  const last = state.fits[0];
  const change = { strength: refitStrength(state) - (state.trials.at(-1)?.l2 ?? 0), regularised: regularisedOf(state) };
  const options = finely(state.plan, state.warm !== null);
  const begun = (): LbfgsState =>
    last && state.plan.rounds === 1 ? restartLbfgs(last, from, change, options) : startLbfgs(from, options);
  if (state.diagonal?.isMeasured && !state.curvature) return measuredAnew(state, from, options);
  return { ...state, optimiser: begun(), fits: [], phase: "refit" };
}

function meanOf(all: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = all;
  if (all.length === 1) return first;
  return first.map((_, i) => all.reduce((sum, each) => sum + (each[i] as number), 0) / all.length);
}

export const refit: Pass<FitSums> = {
  parts: allFolds,
  work: (state, rows) => evaluationWork(state, rows, state.optimiser as LbfgsState),
  begin: beginFitSums,
  add: (sums, block, state) => addFit(sums, block, state, state.optimiser as LbfgsState),
  finish: (state, sums) => {
    const told = evaluate(state, state.optimiser as LbfgsState, sums, refitStrength(state));
    const optimiser = isSpent(state, 1) ? stopAtAccepted(told) : told;
    if (!optimiser.done) return withDiagonal({ ...state, optimiser }, optimiser);
    return refitted({ ...state, optimiser }, optimiser.trial, optimiser.evaluations);
  },
};

/** Ends the final fit: these parameters will serve. */
const refitted = (state: Checkpoint, parameters: Float32Array, evaluations: number): Checkpoint => ({
  ...state,
  parameters,
  evaluations,
  round: state.plan.rounds - 1,
  phase: "next_audit",
});

/**
 * Steps of an audit's fit. On banking77 with flipped labels, one step finds nine in ten of the flipped labels that two steps
 * find, and lists fewer correct labels.
 */
const AUDIT_ITERATIONS = 1;

/**
 * Begins a fit without the next fold that was not held out while choosing. It starts from the final fit, which has seen that
 * fold: good enough to check labels, but never used for metrics.
 */
export function nextAudit(state: Checkpoint): Checkpoint {
  const { plan, parameters, optimiser } = state;
  const round = state.round + 1;
  if (!plan.audit || round >= plan.foldRows.length || isSpent(state, 1) || !parameters || !optimiser?.at) {
    return { ...state, optimiser: null, gram: null, fits: [], phase: "next_share" };
  }
  const options = { ...finely(plan), maxIterations: AUDIT_ITERATIONS };
  const fit = restartLbfgs(optimiser, parameters, { strength: 0, regularised: 0 }, options);
  return { ...state, fits: [fit], round, phase: "audit" };
}

const auditOf = ({ fits }: Checkpoint): LbfgsState => fits[0] as LbfgsState;
/** The first evaluation needs only the held-out fold: the sums over all rows are known from the final fit. */
const isAuditBegun = (state: Checkpoint): boolean => auditOf(state).at !== null;

export const audit: Pass<FitSums> = {
  parts: (state) => (isAuditBegun(state) ? otherFolds(state) : [state.round]),
  work: (state, rows) => evaluationWork(state, rows, auditOf(state)),
  begin: beginFitSums,
  add: (sums, block, state) => addFit(sums, block, state, auditOf(state)),
  finish: (state, sums) => {
    const others = isAuditBegun(state) ? sums : ofOtherRows(state, sums);
    const fit = evaluate(state, auditOf(state), others, selectedOf(state).l2);
    return { ...state, fits: [fit], phase: fit.done ? "audit_score" : "audit" };
  },
};

/** The sums of the rows that are not in `sums`, at the end of the final fit. */
function ofOtherRows(state: Checkpoint, { loss, rows, gradient, part }: FitSums): FitSums {
  const { x, f, g } = (state.optimiser as LbfgsState).at as NonNullable<LbfgsState["at"]>;
  const l2 = refitStrength(state);
  const weights = x.subarray(0, regularisedOf(state));
  const all = rowsOf(state.plan);
  if (part.rows > 0) addTo(gradient, 0, part.values);
  for (let i = 0; i < g.length; i++) {
    const penalty = i < weights.length ? l2 * (x[i] as number) : 0;
    gradient[i] = all * ((g[i] as number) - penalty) - (gradient[i] as number);
  }
  const lossOfAll = all * (f - (l2 / 2) * dot(weights, weights));
  return { loss: lossOfAll - loss, rows: all - rows, gradient, part: { ...part, rows: 0 } };
}

interface AuditSums {
  readonly outOfFold: OutOfFold;
  /** Discarded: the fit started from parameters that were fitted on these rows. */
  readonly judged: Judged;
}

export const auditScore: Pass<AuditSums> = {
  parts: ({ round }) => [round],
  work: (state, rows) => judgingWork(state, rows),
  begin: ({ outOfFold, plan }) => ({
    outOfFold: outOfFold ?? emptyOutOfFold(rowsOf(plan)),
    judged: judgingOf(plan).empty(plan.labels.length, null),
  }),
  add: (sums, block, state) => {
    const { rows, targets } = block;
    const record = recorder(sums.outOfFold, firstRowOf(state.plan, state.round) + block.first);
    withOutputs([state, auditOf(state).trial, block], (outputs) =>
      judgingOf(sums.judged).add(sums.judged, { rows, outputs, targets, beta: state.temperature.beta }, record),
    );
    return sums;
  },
  finish: (state, { outOfFold }) => ({ ...state, fits: [], outOfFold, phase: "next_audit" }),
};
