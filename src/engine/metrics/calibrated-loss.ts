// Log loss as it will be once scores are calibrated: the least over a grid of inverse temperatures, and between its points.
// A strength is chosen by it: a strong prior makes a model unsure of itself, which calibration mends, and its ranking is
// often the better one.

/** β = 1/2, 1, 2 … 16: each the double of the one before, so that one exponential a logit does for all. */
const BETAS = [0.5, 1, 2, 4, 8, 16] as const;

export const emptyLosses = (): Float64Array => new Float64Array(BETAS.length);

/** Adds the cross-entropy of one row of logits at every β, in place. */
export function addLosses(losses: Float64Array, z: Float32Array, label: number): void {
  const totals = new Float64Array(BETAS.length);
  let top = -Infinity;
  for (const value of z) if (value > top) top = value;
  for (const value of z) {
    let power = Math.exp(BETAS[0] * (value - top));
    for (let i = 0; i < totals.length; i++) {
      totals[i] = (totals[i] as number) + power;
      power *= power;
    }
  }
  const margin = top - (z[label] as number);
  BETAS.forEach((beta, i) => {
    losses[i] = (losses[i] as number) + beta * margin + Math.log(totals[i] as number);
  });
}

/** The least loss: of the parabola through the lowest point and its neighbours, over log β. */
export function leastLoss(losses: Float64Array): number {
  const lowest = losses.indexOf(Math.min(...losses));
  const [before, at, after] = [losses[lowest - 1], losses[lowest] as number, losses[lowest + 1]];
  if (before === undefined || after === undefined) return at;
  const bend = before - 2 * at + after;
  return bend > 0 ? at - (before - after) ** 2 / (8 * bend) : at;
}
