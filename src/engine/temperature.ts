// Temperature scaling (Guo et al. 2017): one number β = 1 / temperature that minimises the cross-entropy of softmax(β·z).
// Convex in β, so Newton with a bracket; each iteration is one pass over the validation rows, in blocks.
import { softmaxRow } from "./heads/softmax.ts";

const LOWEST_BETA = 0.01;
const HIGHEST_BETA = 100;
const TOLERANCE = 1e-6;
const MAX_ITERATIONS = 30;

/**
 * Held-out rows worth of belief in β = 1 before any is seen (a Gaussian prior, at logits of unit variance): a handful of
 * rows must not be able to flatten or sharpen every score.
 */
const PRIOR_ROWS = 10;

export interface TemperatureSearch {
  readonly beta: number;
  readonly low: number;
  readonly high: number;
  readonly iterations: number;
  readonly done: boolean;
}

/** Running sums of the first and second derivative of Σ cross-entropy at β. */
export interface Slopes {
  first: number;
  second: number;
}

export const startTemperature: TemperatureSearch = {
  ...{ beta: 1, low: LOWEST_BETA, high: HIGHEST_BETA, iterations: 0, done: false },
};

/** Adds a block's derivatives at β, in place: Σ E[z] − z_y and Σ Var[z] under softmax(β·z). */
export function addSlopes(sums: Slopes, logits: Float32Array, labels: Int32Array, beta: number): Slopes {
  const classes = logits.length / labels.length;
  const p = new Float64Array(classes);
  labels.forEach((label, r) => {
    const z = logits.subarray(r * classes, (r + 1) * classes);
    softmaxRow(z, beta, p);
    let mean = 0;
    let square = 0;
    for (let k = 0; k < classes; k++) {
      mean += (p[k] as number) * (z[k] as number);
      square += (p[k] as number) * (z[k] as number) ** 2;
    }
    sums.first += mean - (z[label] as number);
    sums.second += square - mean * mean;
  });
  return sums;
}

/** The next β: Newton's where it stays inside the bracket, its geometric middle where not. */
export function narrowTemperature(search: TemperatureSearch, sums: Slopes): TemperatureSearch {
  const { beta } = search;
  const first = sums.first + PRIOR_ROWS * (beta - 1);
  const second = sums.second + PRIOR_ROWS;
  const low = first < 0 ? beta : search.low;
  const high = first < 0 ? search.high : beta;
  const newton = beta - first / second;
  const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
  const iterations = search.iterations + 1;
  const done = first === 0 || Math.abs(next - beta) <= TOLERANCE * beta || iterations >= MAX_ITERATIONS;
  return { beta: first === 0 ? beta : next, low, high, iterations, done };
}
