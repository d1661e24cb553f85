// Training by epochs: AdamW on small batches, with a learning rate that rises and falls over a fixed number of epochs. Owns the
// settings, the state in a checkpoint, and the steps over one block.
import { stepsOf } from "../../tensor/mlp.ts";
import type { LossTask } from "../../tensor/products.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import type { HeadKind, HeadShape } from "../heads/kind.ts";
import type { ScoreSums } from "../metrics/score.ts";

export interface EpochsState {
  /** Epochs over which the rate rises and falls. */
  readonly planned: number;
  /** Epochs and steps done. */
  readonly epoch: number;
  readonly step: number;
  /** Updated in place, like m and v: the running means and mean squares of the gradient. */
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Scores on the held-out rows after each epoch of this round. */
  readonly scores: readonly number[];
  readonly best: BestEpoch | null;
  /** The best epoch of every finished round. */
  readonly rounds: readonly BestEpoch[];
}

export interface BestEpoch {
  /** Epochs done at this point. */
  readonly epoch: number;
  readonly score: number;
  readonly parameters: Float32Array;
  /** Score sums of this round and of those before it. */
  readonly sums: ScoreSums;
}

// Chosen by held-out log loss on images (Fashion-MNIST), sentences (SST-2) and intents (banking77). To try another value,
// change it here and compare `npm run bench:train` on these sets.

/** Rows per step. 32 or 128 give the same result as 64. With few rows, an epoch has 32 steps, or batches of 16. */
const batchOf = (rows: number): number => Math.max(16, Math.min(64, Math.floor(rows / 32)));

/** Higher than the usual .001, with which so few epochs get only half as far. Dropout compensates for the higher rate. */
const HIGHEST_RATE = 0.004;
/** Share of a run during which the rate rises. Twice this share gives the same result. */
const WARM_UP = 0.15;

/** Share of hidden units dropped for each row. It improves results on images and intents; .5 improves them little more. */
const DROPOUT = 0.3;

/**
 * Weight decay per epoch at the mean rate, as a share of the weights, independent of the number of steps: a fixed decay per
 * step is too weak when rows are few. A third more or less gives the same result.
 */
const FORGETTING = 0.06;

/** A new run with weights drawn from `seed`. */
export function startEpochs(head: HeadKind, shape: HeadShape, seed: number, planned: number): EpochsState {
  const parameters = head.init(shape, seed);
  const zeros = (): Float32Array => new Float32Array(parameters.length);
  return { planned, parameters, m: zeros(), v: zeros(), epoch: 0, step: 0, scores: [], best: null, rounds: [] };
}

/**
 * The rate at a share of the run: rises linearly, then falls as 1 − u²·(3 − 2u). This is close to a cosine, but rounds the same
 * way on every machine.
 */
export function rateAt(share: number): number {
  if (share < WARM_UP) return (HIGHEST_RATE * share) / WARM_UP;
  const u = Math.min(1, (share - WARM_UP) / (1 - WARM_UP));
  return HIGHEST_RATE * (1 - u * u * (3 - 2 * u));
}

/** Position of a block in its run. */
export interface RunPlace {
  readonly head: HeadKind;
  readonly shape: HeadShape;
  readonly task: LossTask;
  readonly seed: number;
  /** Steps done before the block. */
  readonly step: number;
  /** Rows of an epoch, and rows of this epoch before the block. */
  readonly rows: number;
  readonly before: number;
}

/** Updates parameters and moments over a block, in place. Returns the number of steps. */
export function trainBlock(
  state: EpochsState,
  block: ReadyBlock,
  { head, shape, task, seed, step, rows, before }: RunPlace,
): number {
  const { planned, epoch, parameters, m, v } = state;
  const rate = rateAt((epoch + (before + block.rows / 2) / rows) / planned);
  const batch = batchOf(rows);
  const decay = FORGETTING / ((HIGHEST_RATE / 2) * Math.max(1, rows / batch));
  const settings = { batch, rate, decay, dropout: DROPOUT, seed, step: step + 1 };
  if (!head.takeSteps) throw new Error("This kind of head is not trained by epochs");
  head.takeSteps({ shape, x: block.scaled(), task }, parameters, { m, v }, settings);
  return stepsOf(block.rows, batch);
}

/** Operations on `rows` rows of an epoch of `ofRows`: loss and gradient, and about twenty per parameter and step. */
export const epochWork = (head: HeadKind, shape: HeadShape, rows: number, ofRows = rows): number =>
  2 * head.work(shape, rows) + 20 * head.size(shape) * stepsOf(rows, batchOf(ofRows));
