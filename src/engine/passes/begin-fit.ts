// Begins a round's fit: at the first strength of the path from the initial parameters, later from the fit at the previous
// strength.
import type { Checkpoint } from "../checkpoint.ts";
import { inPassing, roughly } from "../fit-settings.ts";
import { continueLbfgs, type L2Change, shiftPair } from "../optimisers/l2-change.ts";
import { type LbfgsState, startLbfgs } from "../optimisers/lbfgs.ts";
import type { Pair } from "../optimisers/quasi-newton.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { curvatureOf } from "./curvature.ts";
import { regularisedOf } from "./objective.ts";
import { type Computation, headOf, shapeOf } from "./pass.ts";
import { fitted, hasTurned, lastStrengthOf, strengthOf, withFit } from "./path.ts";

/**
 * Begins the current round's fit from the fit at the previous strength. The pairs of that fit are corrected for the new strength
 * one per step, because all of them together take as long as several blocks.
 */
export const beginFit: Computation<readonly Pair[]> = {
  steps: (state) => Math.max(1, pairsBefore(state).length),
  stepWork: (state) => 100 * headOf(state).size(shapeOf(state)),
  begin: () => [],
  step: (kept, index, state) => {
    const pair = pairsBefore(state)[index];
    return pair ? shiftPair(kept, pair, changeOfStrength(state)) : kept;
  },
  finish: (state, pairs) => {
    const fit = begunFit(state, pairs);
    const next = withFit(state, fit);
    return fit.done ? fitted(next) : { ...next, phase: "select" };
  },
};

const pairsBefore = ({ fits, round }: Checkpoint): readonly Pair[] => fits[round]?.pairs ?? [];

const changeOfStrength = (state: Checkpoint): L2Change => ({
  strength: strengthOf(state) - lastStrengthOf(state),
  regularised: regularisedOf(state),
});

function begunFit(state: Checkpoint, pairs: readonly Pair[]): LbfgsState {
  const before = state.fits[state.round];
  const options = isPassed(state) ? inPassing(state.plan) : roughly(state.plan);
  if (!before) {
    const { firstStep } = TASK_KINDS[state.plan.task].curvature;
    return startLbfgs(startOf(state), { ...options, firstStep: state.warm ? undefined : firstStep });
  }
  return continueLbfgs({ ...before, options }, changeOfStrength(state), curvatureOf(state, strengthOf(state)), pairs);
}

const startOf = (state: Checkpoint): Float32Array =>
  state.warm?.held ?? headOf(state).init(shapeOf(state), state.plan.seed);

/** Whether the best strength probably lies elsewhere: at the start of the path, or after it has turned. */
const isPassed = (state: Checkpoint): boolean =>
  state.trials.length === 0 ? state.plan.path.length > 1 : hasTurned(state);
