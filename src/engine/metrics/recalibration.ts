// Platt scaling of each label of a multi-label head, on held-out rows: the probability of a label is sigmoid(slope · z +
// offset) of its calibrated logit z. Slopes and offsets share a Gaussian prior that is itself fitted over all labels (empirical
// Bayes), so that a label with a handful of rows is scaled like a typical label.
import { sigmoid } from "../heads/sigmoid.ts";

/** Range of the logit bins: beyond it, a score differs from 0 or 1 by less than 5 in 100,000. */
const LARGEST_LOGIT = 10;
const BINS_PER_UNIT = 8;
export const LOGIT_BINS = 2 * LARGEST_LOGIT * BINS_PER_UNIT;

export const logitBin = (z: number): number =>
  Math.max(0, Math.min(LOGIT_BINS - 1, Math.floor((z + LARGEST_LOGIT) * BINS_PER_UNIT)));
const middleOf = (bin: number): number => (bin + 0.5) / BINS_PER_UNIT - LARGEST_LOGIT;

/** Variances of slope − 1 and of the offset over all labels. */
interface Prior {
  readonly slope: number;
  readonly offset: number;
}

/** Plain data, by label: the state of `recalibrateLabels` between two steps, and its result. */
export interface Recalibration {
  readonly slopes: Float64Array;
  readonly offsets: Float64Array;
  /** Σ over the labels of the current round: (estimate − prior mean)² + posterior variance. */
  spread: { slope: number; offset: number };
  prior: Prior;
}

/** The assumed prior before any label, and its weight in labels. */
const ASSUMED: Prior = { slope: 0.05, offset: 0.1 };
const ASSUMED_LABELS = 2;

/** Rounds of expectation maximisation. After these, the prior changes by a few percent. */
export const PRIOR_ROUNDS = 4;

export function startRecalibration(labels: number): Recalibration {
  return {
    slopes: new Float64Array(labels).fill(1),
    offsets: new Float64Array(labels),
    spread: { slope: 0, offset: 0 },
    prior: ASSUMED,
  };
}

/**
 * One step: fits labels `from` to `end` under the current prior, in place. `logits` are counts [labels][LOGIT_BINS][rows
 * without, rows with the label]. The step that reaches the last label also refits the prior. Platt 1999; Efron & Morris 1975
 * for the prior. Searching the best threshold for each label separately overfits labels with few rows (Fan & Lin 2007; Lin &
 * Lin 2023, "On the thresholding strategy for infrequent labels").
 */
export function recalibrateLabels(state: Recalibration, logits: Float64Array, from: number, end: number): void {
  const { slopes, offsets, spread, prior } = state;
  for (let k = from; k < end; k++) {
    const counts = occupiedBins(logits.subarray(2 * k * LOGIT_BINS, 2 * (k + 1) * LOGIT_BINS));
    const fit = fitLabel(counts, { slope: slopes[k] as number, offset: offsets[k] as number }, prior);
    slopes[k] = fit.slope;
    offsets[k] = fit.offset;
    spread.slope += (fit.slope - 1) ** 2 + fit.slopeVariance;
    spread.offset += fit.offset ** 2 + fit.offsetVariance;
  }
  if (end < slopes.length) return;
  state.prior = {
    slope: updated(spread.slope, ASSUMED.slope, slopes.length),
    offset: updated(spread.offset, ASSUMED.offset, slopes.length),
  };
  state.spread = { slope: 0, offset: 0 };
}

const updated = (spread: number, assumed: number, labels: number): number =>
  (spread + ASSUMED_LABELS * assumed) / (labels + ASSUMED_LABELS);

/** [bins][logit, rows without, rows with the label] of the non-empty bins. */
function occupiedBins(counts: Float64Array): Float64Array {
  const bins: number[] = [];
  for (let bin = 0; bin < LOGIT_BINS; bin++) {
    const [without, having] = [counts[2 * bin] as number, counts[2 * bin + 1] as number];
    if (without + having > 0) bins.push(middleOf(bin), without, having);
  }
  return Float64Array.from(bins);
}

interface Line {
  readonly slope: number;
  readonly offset: number;
}

const MAX_NEWTON_STEPS = 20;
/** Tolerance for slope and offset: scores change in the fourth digit. */
const TOLERANCE = 1e-4;
/** Newton steps are shortened to this length: far from the optimum the curvature of a logistic loss vanishes. */
const LONGEST_STEP = 1;

/** The most probable slope and offset, by Newton's method on a convex objective, and their posterior variances (Laplace). */
function fitLabel(bins: Float64Array, start: Line, prior: Prior) {
  let { slope, offset } = start;
  for (let step = 0; ; step++) {
    const { gradient, curvature } = derivativesAt(bins, { slope, offset }, prior);
    const [aa, ab, bb] = curvature;
    const determinant = aa * bb - ab * ab;
    const variances = { slopeVariance: bb / determinant, offsetVariance: aa / determinant };
    const a = (bb * gradient[0] - ab * gradient[1]) / determinant;
    const b = (aa * gradient[1] - ab * gradient[0]) / determinant;
    const length = Math.max(Math.abs(a), Math.abs(b));
    if (length < TOLERANCE || step === MAX_NEWTON_STEPS) return { slope, offset, ...variances };
    const share = Math.min(1, LONGEST_STEP / length);
    slope -= share * a;
    offset -= share * b;
  }
}

/** Derivatives of the negative log posterior with respect to slope and offset. */
function derivativesAt(bins: Float64Array, { slope, offset }: Line, prior: Prior) {
  const gradient: [number, number] = [(slope - 1) / prior.slope, offset / prior.offset];
  const curvature: [aa: number, ab: number, bb: number] = [1 / prior.slope, 0, 1 / prior.offset];
  for (let at = 0; at < bins.length; at += 3) {
    const [z, without, having] = [bins[at], bins[at + 1], bins[at + 2]] as [number, number, number];
    const p = sigmoid(slope * z + offset);
    const residual = (without + having) * p - having;
    const weight = (without + having) * p * (1 - p);
    gradient[0] += residual * z;
    gradient[1] += residual;
    curvature[0] += weight * z * z;
    curvature[1] += weight * z;
    curvature[2] += weight;
  }
  return { gradient, curvature };
}

/**
 * A slope of 0 or less means that scores carry no information about a label. With this bound it is set only if the score is
 * nearly 1.
 */
const LEAST_SLOPE = 0.05;

export const slopeOf = ({ slopes }: Recalibration, k: number): number => Math.max(LEAST_SLOPE, slopes[k] as number);

/** The score of label `k` at which its recalibrated probability reaches `probability`. */
export function scoreFor(recalibration: Recalibration, k: number, probability: number): number {
  const logit = Math.log(probability / (1 - probability));
  return sigmoid((logit - (recalibration.offsets[k] as number)) / slopeOf(recalibration, k));
}
