// The objective of the solver `path`, mean loss + l2/2·|W|². Sums its value and gradient over blocks, and passes both to the
// optimiser.
import { release } from "../../core/release.ts";
import { addTo } from "../../tensor/loss.ts";
import type { GradientPart } from "../../tensor/products.ts";
import { dot } from "../../tensor/vectors.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { isHesitating, isReached, type LbfgsState, restate, withEvaluation } from "../optimisers/lbfgs.ts";
import { isLarge } from "../plan.ts";
import { curvatureOf } from "./curvature.ts";
import { forwardWork, headOf, lossTask, shapeOf } from "./pass.ts";

export interface FitSums {
  loss: number;
  rows: number;
  /** Excludes what is still in `part`. Empty for a large head, which keeps the whole gradient in `part`. */
  readonly gradient: Float64Array;
  readonly part: GradientPart;
}

export const regularisedOf = (state: Checkpoint): number => headOf(state).regularised(shapeOf(state));

export function beginFitSums(state: Checkpoint): FitSums {
  const size = headOf(state).size(shapeOf(state));
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
 * Upper bound on the loss error caused by 16-bit products. Within this bound a line search can misjudge a decrease. Exact
 * products can misjudge it too, if the loss at the start of the line was computed with 16-bit products and is too low.
 */
const ROUNDING = 1e-4;

/** Whether the line search may see no decrease, or the target reached, only because products were rounded to 16 bits. */
const isRoundingToTell = (state: Checkpoint, before: LbfgsState, told: LbfgsState, f: number): boolean =>
  (mayBeRough(state) && isHesitating(told, f, ROUNDING)) || (isRough(state, before) && isReached(told));

/** Cost of 16-bit products relative to float32. */
const ROUGH_WORK = 0.6;

/** Operations of loss and gradient. */
export function evaluationWork(state: Checkpoint, rows: number, fit: LbfgsState): number {
  return (isRough(state, fit) ? ROUGH_WORK : 1) * 2 * forwardWork(state, rows);
}

export function addFit(sums: FitSums, block: ReadyBlock, state: Checkpoint, fit: LbfgsState): FitSums {
  const { trial } = fit;
  const task = { ...lossTask(state, block), rough: isRough(state, fit) };
  const { gradient, part } = sums;
  sums.loss += headOf(state).addLossGradient(shapeOf(state), trial, block.scaled(), task, gradient, part);
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
