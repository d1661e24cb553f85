// Log loss after calibration: the minimum over inverse temperatures, interpolated between grid points. Strengths are compared
// by this loss: a strong prior makes a model underconfident, but calibration corrects that, and its ranking is often better.
import { addTemperedLosses, DOUBLINGS } from "../../tensor/temperatures.ts";

/**
 * The first β values. The grid has two per doubling and goes to about 23. One exponential per logit gives all doublings of one
 * start.
 */
const STARTS = [0.5, Math.SQRT1_2] as const;
const BETAS_TRIED = STARTS.length * DOUBLINGS;
/** Index of β = 1 among the sums. */
export const UNCALIBRATED = STARTS.length;

/**
 * Σ cross-entropy at every β, without the logarithms of `products`: a product collects the sums of exponentials of a few
 * hundred rows, independent of block boundaries, before its logarithm is added.
 */
export interface LossSums {
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

export const emptyLosses = (): LossSums => ({
  sums: new Float64Array(BETAS_TRIED),
  products: new Float64Array(BETAS_TRIED).fill(1),
});

export const lossesOf = ({ sums, products }: LossSums): Float64Array =>
  sums.map((sum, i) => sum + Math.log(products[i] as number));

/** Adds the cross-entropy of rows of logits [rows][outputs] at every β, in place. */
export const addLosses = (losses: LossSums, logits: Float32Array, labels: Int32Array): void =>
  addTemperedLosses(losses, STARTS, logits, labels);

/**
 * Weight of the prior at β = 1, in rows. The temperature search has the same prior, so few rows do not promise a loss that it
 * cannot reach.
 */
const PRIOR_ROWS = 10;

/** The loss at the best β: between grid points, interpolated by parabolas over log β. */
export function leastLoss(losses: Float64Array): number {
  const believed = losses.map((loss, i) => loss + (PRIOR_ROWS / 2) * logBeta(i) ** 2);
  const lowest = believed.indexOf(Math.min(...believed));
  const inside = Math.min(losses.length - 2, Math.max(1, lowest));
  const { slope, bend } = parabolaAt(believed, inside);
  const step = bend > 0 ? Math.min(1, Math.max(-1, -slope / bend)) : lowest - inside;
  const own = parabolaAt(losses, inside);
  return (losses[inside] as number) + own.slope * step + (own.bend / 2) * step * step;
}

const logBeta = (i: number): number => Math.log(STARTS[0]) + (i / STARTS.length) * Math.LN2;

/** First and second derivative, per grid point, of the parabola through a value and its neighbours. */
function parabolaAt(values: Float64Array, i: number): { slope: number; bend: number } {
  const [before, at, after] = [values[i - 1], values[i], values[i + 1]] as [number, number, number];
  return { slope: (after - before) / 2, bend: before - 2 * at + after };
}
