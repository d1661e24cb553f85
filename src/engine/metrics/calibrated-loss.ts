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

/**
 * Σ cross-entropy at every β, but for the logarithm of products that were not taken yet: of a few hundred rows' sums of
 * exponentials at once, wherever blocks begin and end.
 */
export interface LossSums {
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

export const emptyLosses = (): LossSums => ({
  sums: new Float64Array(BETAS.length),
  products: new Float64Array(BETAS.length).fill(1),
});

export const lossesOf = ({ sums, products }: LossSums): Float64Array =>
  sums.map((sum, i) => sum + Math.log(products[i] as number));

/** Where the sums of exponentials of a row stand meanwhile: a hundred thousand rows would leave as many arrays behind. */
const totals = new Float64Array(BETAS.length);

/** Past this, a factor more could leave the range of float64. */
const LARGEST_PRODUCT = 1e290;

/** Adds the cross-entropy of rows of logits [rows][outputs] at every β, in place. */
export function addLosses(losses: LossSums, logits: Float32Array, labels: Int32Array): void {
  const { sums, products } = losses;
  const width = logits.length / labels.length;
  for (let r = 0; r < labels.length; r++) {
    const top = sumExponentials(logits, r * width, width);
    const margin = top - (logits[r * width + (labels[r] as number)] as number);
    for (let i = 0; i < sums.length; i++) {
      sums[i] = (sums[i] as number) + (BETAS[i] as number) * margin;
      products[i] = (products[i] as number) * (totals[i] as number);
      if ((products[i] as number) > LARGEST_PRODUCT) takeLogarithm(losses, i);
    }
  }
}

function takeLogarithm({ sums, products }: LossSums, i: number): void {
  sums[i] = (sums[i] as number) + Math.log(products[i] as number);
  products[i] = 1;
}

/** Leaves Σ e^(β·(z − top)) of a row for every β in `totals`; returns the largest logit, `top`. */
function sumExponentials(logits: Float32Array, from: number, width: number): number {
  let top = -Infinity;
  for (let k = 0; k < width; k++) top = Math.max(top, logits[from + k] as number);
  if (powers.length < width) powers = new Float64Array(width);
  for (let chain = 0; chain < STARTS.length; chain++) {
    const start = STARTS[chain] as number;
    for (let k = 0; k < width; k++) powers[k] = Math.exp(start * ((logits[from + k] as number) - top));
    for (let i = chain; i < totals.length; i += STARTS.length) totals[i] = sumAndSquare(powers, width);
  }
  return top;
}

/** e^(β·(z − top)) of a row's logits at one β, from one doubling to the next. */
let powers = new Float64Array(0);

/** The sum of the first `width` values, each squared after. */
function sumAndSquare(values: Float64Array, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) {
    const value = values[k] as number;
    sum += value;
    values[k] = value * value;
  }
  return sum;
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
