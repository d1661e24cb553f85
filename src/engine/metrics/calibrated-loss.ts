// Log loss as it will be once scores are calibrated: the least over a grid of inverse temperatures, and between its points.
// A strength is chosen by it: a strong prior makes a model unsure of itself, which calibration mends, and its ranking is
// often the better one.
import { addTemperedLosses, DOUBLINGS } from "../../tensor/temperatures.ts";

/** The first of the β, which go to about 23, two to a doubling: one exponential a logit does for all the doublings of one. */
const STARTS = [0.5, Math.SQRT1_2] as const;
const BETAS_TRIED = STARTS.length * DOUBLINGS;
/** Where among the sums β = 1 stands. */
export const UNCALIBRATED = STARTS.length;

/**
 * Σ cross-entropy at every β, but for the logarithm of products that were not taken yet: of a few hundred rows' sums of
 * exponentials at once, wherever blocks begin and end.
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

/** Rows worth of belief in β = 1, as the temperature itself is found with: few rows must not promise what it cannot keep. */
const PRIOR_ROWS = 10;

/** The loss at the β that the temperature would be found at: between grid points, by parabolas over log β. */
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

/** First and second derivative, by grid point, of the parabola through a value and its neighbours. */
function parabolaAt(values: Float64Array, i: number): { slope: number; bend: number } {
  const [before, at, after] = [values[i - 1], values[i], values[i + 1]] as [number, number, number];
  return { slope: (after - before) / 2, bend: before - 2 * at + after };
}
