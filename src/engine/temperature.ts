// Temperature scaling (Guo et al. 2017): one number β = 1 / temperature that minimises the cross-entropy of softmax(β·z).
// Convex in β, so Newton's method with a bracket; each iteration is one pass over the validation rows, in blocks.
import type { Targets } from "../tensor/products.ts";
import { addTemperedSlopes } from "../tensor/temperatures.ts";
import { isSet, sigmoid } from "./heads/sigmoid.ts";

const LOWEST_BETA = 0.01;
const HIGHEST_BETA = 100;
/** Relative tolerance of β: scores change in the fifth digit. */
const TOLERANCE = 1e-4;
const MAX_ITERATIONS = 30;

/**
 * Weight of the prior at β = 1, in held-out rows at logits of unit variance: a handful of rows must not be able to flatten or
 * sharpen every score. The prior is Gaussian in log β, so that logits that a strong regularisation made small can be stretched
 * as easily as shrunk.
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
  beta: 1,
  low: LOWEST_BETA,
  high: HIGHEST_BETA,
  iterations: 0,
  done: false,
};

/** Begins at a likely β, limited to the bracket because an imported version may have any β. */
export const searchFrom = (beta: number): TemperatureSearch => ({
  ...startTemperature,
  beta: Math.min(HIGHEST_BETA / 2, Math.max(2 * LOWEST_BETA, beta)),
});

/** Adds a block's derivatives at β, in place: Σ (E[z] − z of the label) and Σ Var[z] under softmax(β·z). */
export function addClassSlopes(sums: Slopes, outputs: Float32Array, labels: Targets, beta: number): Slopes {
  const slopes = Float64Array.of(sums.first, sums.second);
  addTemperedSlopes(slopes, beta, outputs, labels as Int32Array);
  [sums.first, sums.second] = slopes as unknown as [number, number];
  return sums;
}

/** Like `addClassSlopes`, for sets of labels [rows]. */
export function addSetSlopes(sums: Slopes, outputs: Float32Array, sets: Targets, beta: number, rows: number): Slopes {
  const width = outputs.length / rows;
  for (let r = 0; r < rows; r++) {
    addSlopesOfSet(sums, outputs.subarray(r * width, (r + 1) * width), sets as Uint8Array, r, beta);
  }
  return sums;
}

/** Mean over labels of (p − t)·z and p·(1 − p)·z², p = sigmoid(β·z). */
function addSlopesOfSet(sums: Slopes, z: Float32Array, sets: Uint8Array, r: number, beta: number): void {
  for (let k = 0; k < z.length; k++) {
    const p = sigmoid(beta * (z[k] as number));
    sums.first += ((p - (isSet(sets, r, k, z.length) ? 1 : 0)) * (z[k] as number)) / z.length;
    sums.second += (p * (1 - p) * (z[k] as number) ** 2) / z.length;
  }
}

/** The next β: Newton's if it stays inside the bracket, else the geometric middle. */
export function narrowTemperature(search: TemperatureSearch, sums: Slopes): TemperatureSearch {
  const { beta } = search;
  const first = sums.first + (PRIOR_ROWS * Math.log(beta)) / beta;
  const second = sums.second + (PRIOR_ROWS * Math.max(0, 1 - Math.log(beta))) / beta ** 2;
  const low = first < 0 ? beta : search.low;
  const high = first < 0 ? search.high : beta;
  const newton = beta - first / second;
  const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
  const iterations = search.iterations + 1;
  const done = first === 0 || Math.abs(next - beta) <= TOLERANCE * beta || iterations >= MAX_ITERATIONS;
  return { beta: first === 0 ? beta : next, low, high, iterations, done };
}
