// Log loss as it will be once scores are calibrated: the least over a grid of inverse temperatures, and between its points.
// A strength is chosen by it: a strong prior makes a model unsure of itself, which calibration mends, and its ranking is
// often the better one.

/** β from 1/2 to about 23, two to a doubling: one exponential a logit does for all the doublings of a start. */
const STARTS = [0.5, Math.SQRT1_2] as const;
const DOUBLINGS = 6;
/** Where among the sums β = 1 stands. */
export const UNCALIBRATED = STARTS.length;

export const emptyLosses = (): Float64Array => new Float64Array(STARTS.length * DOUBLINGS);

/** Adds the cross-entropy of one row of logits at every β, in place. */
export function addLosses(losses: Float64Array, z: Float32Array, label: number): void {
  let top = -Infinity;
  for (const value of z) if (value > top) top = value;
  const margin = top - (z[label] as number);
  STARTS.forEach((start, chain) => {
    totalsFrom(start, z, top).forEach((total, doubling) => {
      const at = STARTS.length * doubling + chain;
      losses[at] = (losses[at] as number) + start * 2 ** doubling * margin + Math.log(total);
    });
  });
}

/** Σ e^(β·(z − top)) for β = start and its doublings. */
function totalsFrom(start: number, z: Float32Array, top: number): Float64Array {
  const totals = new Float64Array(DOUBLINGS);
  for (const value of z) {
    let power = Math.exp(start * (value - top));
    for (let i = 0; i < DOUBLINGS; i++) {
      totals[i] = (totals[i] as number) + power;
      power *= power;
    }
  }
  return totals;
}

/** The least loss: of the parabola through the lowest point and its neighbours, over log β. */
export function leastLoss(losses: Float64Array): number {
  const lowest = losses.indexOf(Math.min(...losses));
  const [before, at, after] = [losses[lowest - 1], losses[lowest] as number, losses[lowest + 1]];
  if (before === undefined || after === undefined) return at;
  const bend = before - 2 * at + after;
  return bend > 0 ? at - (before - after) ** 2 / (8 * bend) : at;
}
