// The targets and the loss of a head's outputs, in the form that kernels take.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, tensorOf } from "./features.ts";
import { type LossAttrs, slabsOf } from "./kernels/call.ts";

/**
 * Targets of rows: int32 classes [rows], float32 values [rows], or label sets as bits [rows][slabsOf(labels)], one byte for
 * eight labels.
 */
export type Targets = Int32Array | Float32Array | Uint8Array;

/** softmax: cross-entropy. sigmoid: Σ binary cross-entropy. squared: half the squared distance. */
export type Loss = "softmax" | "sigmoid" | "squared";
const LOSS_CODES: Readonly<Record<Loss, number>> = { softmax: 0, sigmoid: 1, squared: 2 };

export interface LossTask {
  readonly loss: Loss;
  readonly targets: Targets;
  /** [slabs · 8]: weight of an example of each class, or of a label that is set; null for weight 1. */
  readonly classWeights: Float32Array | null;
  /** Whether products may be rounded to 16 bits: twice as fast, with a loss error of about 1e-5. Absent: float32. */
  readonly rough?: boolean;
}

export interface LossCall {
  readonly inputs: Record<string, Tensor>;
  readonly attrs: LossAttrs;
}

/** The inputs and attributes with which a kernel computes the loss of `outputs` outputs over the rows of `x`. */
export function lossCall(x: FeatureTensor, { loss, targets, classWeights }: LossTask, outputs: number): LossCall {
  const weighed = classWeights ? { classWeights: tensorOf(classWeights, [classWeights.length]) } : {};
  const targetBytes = targets instanceof Uint8Array ? slabsOf(outputs) : 4;
  return {
    inputs: { x: x.tensor, targets: targetTensor(targets), ...weighed },
    attrs: { ...x.attrs, loss: LOSS_CODES[loss], outputs, targetBytes },
  };
}

/** A loss from the two float32 parts that a kernel returns, high and low. */
export function lossIn([high = 0, low = 0]: Float32Array): number {
  return high + low;
}

/**
 * The float32 gradient of a few rows, before it is added to float64 sums: adding a hundred thousand numbers takes as long as
 * the products of some hundred rows. Plain data, which a checkpoint can hold.
 */
export interface GradientPart {
  readonly values: Float32Array;
  /** Rows that the values cover. */
  rows: number;
}

/** Rows that float32 can sum without a noticeable loss: as many as a block of most heads has. */
const MOST_PART_ROWS = 1_024;

/**
 * Adds the gradient of `part` and of `rows` more rows, given as consecutive pieces: either returns the new part, or adds all to
 * `sums`. If `sums` is empty, all of it stays in the part, because float64 sums would take twice the memory of a large head's
 * weights.
 */
export function keepGradient(
  sums: Float64Array,
  part: GradientPart | undefined,
  pieces: readonly Float32Array[],
  rows: number,
): void {
  const isPart = part !== undefined && (sums.length === 0 || part.rows + rows < MOST_PART_ROWS);
  let at = 0;
  for (const piece of pieces) {
    if (isPart) part.values.set(piece, at);
    else addTo(sums, at, piece);
    at += piece.length;
  }
  if (part) part.rows = isPart ? part.rows + rows : 0;
}

/** Adds a block's kernel result to the sums over blocks, from index `at` on. */
export function addTo(sums: Float64Array, at: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[at + i] = (sums[at + i] as number) + (values[i] as number);
}

/** Bits are passed as the int32 numbers that contain them. */
function targetTensor(targets: Targets): Tensor {
  if (!(targets instanceof Uint8Array)) return tensorOf(targets, [targets.length]);
  const words = new Int32Array(Math.ceil(targets.length / 4));
  new Uint8Array(words.buffer).set(targets);
  return tensorOf(words, [words.length]);
}
