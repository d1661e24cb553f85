// Leave-one-out for a regression in closed form: with P = (Gram + l2)⁻¹, the model without row i has the error e_i / (1 − h_i)
// on it, h_i = (x_iᵀ P x_i + 1) / n (Allen 1974). One pass judges a strength on every row.
import type { Checkpoint } from "../checkpoint.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { linear } from "../heads/linear.ts";
import type { LbfgsState } from "../optimisers/lbfgs.ts";
import { gramDims, total } from "../plan.ts";
import { type Judged, judgingOf } from "../tasks/registry.ts";
import { allFolds, forward, forwardWork, type Pass } from "./pass.ts";
import { endStrength } from "./path.ts";

export const leaveOneOut: Pass<Judged> = {
  parts: allFolds,
  work: (state, rows) => forwardWork(state, rows) + 2 * rows * gramDims(state.plan) ** 2,
  begin: ({ plan }) => judgingOf(plan).empty(plan.labels.length, null),
  add: (sums, block, state) => {
    const { trial } = state.fits[0] as LbfgsState;
    const outputs = forward(state, trial, block);
    const leverage = leverages(state, block);
    for (let r = 0; r < block.rows; r++) {
      const value = block.targets[r] as number;
      const kept = 1 - (leverage[r] as number);
      outputs[r] = kept < LEAST_KEPT ? MEAN : value + ((outputs[r] as number) - value) / kept;
    }
    judgingOf(sums).add(sums, { rows: block.rows, outputs, targets: block.targets, beta: 1 });
    return sums;
  },
  finish: (state, judged) => {
    if (!("squared" in judged)) throw new Error("No values have been judged");
    const { squared, rows } = judged;
    const before = state.selected;
    const loss = squared / rows;
    const next = endStrength(state, { score: loss, log_loss: loss, exact: 0 });
    return next.selected === before ? next : { ...next, judged };
  },
};

/**
 * Least 1 − h. A row that alone decides its own prediction says nothing about the model without it: both its error and 1 − h
 * vanish. The mean then replaces that prediction; otherwise a fit that passes through every row would seem to have no error.
 */
const LEAST_KEPT = 1e-3;
/** Mean of the values in units of the scaler. */
const MEAN = 0;

/**
 * h of every row of a block. With P = MᵀM, where M = L⁻¹, xᵀPx is |M·x|²: computed as the product of a linear head with weights
 * Mᵀ.
 */
function leverages({ plan, curvature }: Checkpoint, block: ReadyBlock): Float64Array {
  const dims = gramDims(plan);
  const shape = { dims, outputs: dims, hidden: 0 };
  const weights = { weights: curvature?.factor as Float32Array, bias: new Float32Array(dims) };
  const products = linear.forward(shape, linear.decode(shape, [weights]), block.scaled());
  const n = total(plan.foldRows);
  return Float64Array.from({ length: block.rows }, (_, r) => {
    let sum = 1;
    for (let i = r * dims; i < (r + 1) * dims; i++) sum += (products[i] as number) ** 2;
    return sum / n;
  });
}
