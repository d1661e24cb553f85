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
