// Log loss as it will be once scores are calibrated: the least over a grid of inverse temperatures, and between its points.
// A strength is chosen by it: a strong prior makes a model unsure of itself, which calibration mends, and its ranking is
// often the better one.

/** β from 1/2 to about 23, two to a doubling: one exponential a logit does for all the doublings of a start. */
const STARTS = [0.5, Math.SQRT1_2] as const;
const DOUBLINGS = 6;
const BETAS = Float64Array.from(
  { length: STARTS.length * DOUBLINGS },
  (_, i) => (STARTS[i % STARTS.length] as number) * 2 ** Math.floor(i / STARTS.length),
);
/** Where among the sums β = 1 stands. */
export const UNCALIBRATED = STARTS.length;

export const emptyLosses = (): Float64Array => new Float64Array(STARTS.length * DOUBLINGS);

/** Where the sums of exponentials of a row stand meanwhile: a hundred thousand rows would leave as many arrays behind. */
const totals = new Float64Array(STARTS.length * DOUBLINGS);

/** Past this, a factor more could leave the range of float64. */
const LARGEST_PRODUCT = 1e290;

/**
 * Adds the cross-entropy of rows of logits [rows][outputs] at every β, in place. Of the sums of exponentials, logarithms are
 * taken of products: of a few hundred rows at once.
 */
export function addLosses(losses: Float64Array, logits: Float32Array, labels: Int32Array): void {
  const width = logits.length / labels.length;
  const products = new Float64Array(losses.length).fill(1);
  for (let r = 0; r < labels.length; r++) {
    const top = sumExponentials(logits, r * width, width);
    const margin = top - (logits[r * width + (labels[r] as number)] as number);
    for (let i = 0; i < losses.length; i++) {
      losses[i] = (losses[i] as number) + (BETAS[i] as number) * margin;
      products[i] = (products[i] as number) * (totals[i] as number);
      if ((products[i] as number) > LARGEST_PRODUCT) takeLogarithm(losses, products, i);
    }
  }
  for (let i = 0; i < losses.length; i++) takeLogarithm(losses, products, i);
}

function takeLogarithm(losses: Float64Array, products: Float64Array, i: number): void {
  losses[i] = (losses[i] as number) + Math.log(products[i] as number);
  products[i] = 1;
}

/** Leaves Σ e^(β·(z − top)) of a row for every β in `totals`; returns the largest logit, `top`. */
function sumExponentials(logits: Float32Array, from: number, width: number): number {
  let top = -Infinity;
  for (let k = 0; k < width; k++) top = Math.max(top, logits[from + k] as number);
  totals.fill(0);
  for (let k = 0; k < width; k++) {
    const below = (logits[from + k] as number) - top;
    STARTS.forEach((start, chain) => {
      addPowers(chain, Math.exp(start * below));
    });
  }
  return top;
}

/** e^(β·(z − top)) of one logit for β = the start of a chain, and by squaring for its doublings. */
function addPowers(chain: number, atStart: number): void {
  let power = atStart;
  for (let i = chain; i < totals.length; i += STARTS.length) {
    totals[i] = (totals[i] as number) + power;
    power *= power;
  }
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
