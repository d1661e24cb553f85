// Training by epochs: AdamW on small batches, at a rate that rises and falls over a number of epochs settled beforehand.
// The settings, what a checkpoint keeps of it, and the steps over one block.
import { stepsOf, trainMlpBlock } from "../tensor/mlp.ts";
import type { LossTask } from "../tensor/products.ts";
import type { HeadShape } from "./heads/kind.ts";
import { mlp, mlpWeights } from "./heads/mlp.ts";
import type { ScoreSums } from "./metrics/score.ts";
import type { ReadyBlock } from "./training-data.ts";

export interface EpochsState {
  /** Epochs that the rate takes to rise and fall. */
  readonly planned: number;
  /** Epochs and steps done. */
  readonly epoch: number;
  readonly step: number;
  /** Moved in place, with the running means and mean squares of the gradient. */
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** On the rows held out, after each epoch of this round. */
  readonly scores: readonly number[];
  readonly best: BestEpoch | null;
  /** The best of every round done. */
  readonly rounds: readonly BestEpoch[];
}

export interface BestEpoch {
  /** Epochs done by then. */
  readonly epoch: number;
  readonly score: number;
  readonly parameters: Float32Array;
  /** What was scored in this round and those before it. */
  readonly sums: ScoreSums;
}

// Chosen by log loss held out, on images (Fashion-MNIST), sentences (SST-2) and intents (banking77): to weigh another value,
// change it here and compare `npm run bench:train` on those.

/** Rows of a step: half or twice 64 come to the same. Where rows are few, an epoch has 32 steps or batches are of 16. */
const batchOf = (rows: number): number => Math.max(16, Math.min(64, Math.floor(rows / 32)));

/** Dropout makes up for a rate higher than the usual .001, at which few epochs get half as far. */
const HIGHEST_RATE = 0.004;
/** The share of a run in which the rate rises: twice as long is as good. */
const WARM_UP = 0.15;

/** The share of hidden units that each row does without: images and intents gain by it, and little more by half of them. */
const DROPOUT = 0.3;

/**
 * The share of themselves that weights forget in an epoch, at the mean rate, however many steps it has: a fixed decay is too
 * weak where rows are few. A third more or less comes to the same.
 */
const FORGETTING = 0.06;

/** A run that has not begun, from where `seed` says. */
export function startEpochs(shape: HeadShape, seed: number, planned: number): EpochsState {
  const parameters = mlp.init(shape, seed);
  const zeros = (): Float32Array => new Float32Array(parameters.length);
  return { planned, parameters, m: zeros(), v: zeros(), ...{ epoch: 0, step: 0, scores: [], best: null, rounds: [] } };
}

/**
 * The rate at a share of the run: up in a line, then down as 1 − u²·(3 − 2u), which is close to a cosine, but rounds alike
 * everywhere.
 */
export function rateAt(share: number): number {
  if (share < WARM_UP) return (HIGHEST_RATE * share) / WARM_UP;
  const u = Math.min(1, (share - WARM_UP) / (1 - WARM_UP));
  return HIGHEST_RATE * (1 - u * u * (3 - 2 * u));
}

/** Where a block stands in its run. */
export interface RunPlace {
  readonly shape: HeadShape;
  readonly task: LossTask;
  readonly seed: number;
  /** Steps done before. */
  readonly step: number;
  /** Rows of an epoch, and of this one before the block. */
  readonly rows: number;
  readonly before: number;
}

/** Moves parameters and moments over a block, in place; returns the steps that it took. */
export function trainBlock(
  state: EpochsState,
  block: ReadyBlock,
  { shape, task, seed, step, rows, before }: RunPlace,
): number {
  const { planned, epoch, parameters, m, v } = state;
  const rate = rateAt((epoch + (before + block.rows / 2) / rows) / planned);
  const batch = batchOf(rows);
  const decay = FORGETTING / ((HIGHEST_RATE / 2) * Math.max(1, rows / batch));
  const settings = { batch, rate, decay, dropout: DROPOUT, seed, step: step + 1 };
  trainMlpBlock(block.scaled(), task, mlpWeights(shape, parameters), { m, v }, settings);
  return stepsOf(block.rows, batch);
}

/** Operations on a share of the rows of an epoch: loss and gradient, and some twenty a parameter for every step. */
export const epochWork = (shape: HeadShape, rows: number, ofRows = rows): number =>
  2 * mlp.work(shape, rows) + 20 * mlp.size(shape) * stepsOf(rows, batchOf(ofRows));
