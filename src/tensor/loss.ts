// What a head's outputs are held against, and how a kernel is told of it.
import type { Tensor } from "@tensorflow/tfjs-core";
import { type FeatureTensor, tensorOf } from "./features.ts";
import { type LossAttrs, slabsOf } from "./kernels/call.ts";

/**
 * What rows should have come to: classes [rows] as int32, values [rows] as float32, or sets of labels as bits, a byte for
 * eight labels, [rows][slabsOf(labels)].
 */
export type Targets = Int32Array | Float32Array | Uint8Array;

/** Cross-entropy of a softmax, Σ binary cross-entropy of sigmoids, half the squared distance. */
export type Loss = "softmax" | "sigmoid" | "squared";
const LOSS_CODES: Readonly<Record<Loss, number>> = { softmax: 0, sigmoid: 1, squared: 2 };

export interface LossTask {
  readonly loss: Loss;
  readonly targets: Targets;
  /** [slabs · 8]: how much an example of each class counts, or a label that is set; null for one each. */
  readonly classWeights: Float32Array | null;
  /** Whether products may be rounded to 16 bits: twice as fast, to about 1e-5 of the loss. Absent: float32. */
  readonly rough?: boolean;
}

export interface LossCall {
  readonly inputs: Record<string, Tensor>;
  readonly attrs: LossAttrs;
}

export function lossCall(x: FeatureTensor, { loss, targets, classWeights }: LossTask, outputs: number): LossCall {
  const weighed = classWeights ? { classWeights: tensorOf(classWeights, [classWeights.length]) } : {};
  const targetBytes = targets instanceof Uint8Array ? slabsOf(outputs) : 4;
  return {
    inputs: { x: x.tensor, targets: targetTensor(targets), ...weighed },
    attrs: { ...x.attrs, loss: LOSS_CODES[loss], outputs, targetBytes },
  };
}

/** What a kernel hands back as two float32 parts, high and low. */
export function lossIn([high = 0, low = 0]: Float32Array): number {
  return high + low;
}

/**
 * The gradient of blocks of few rows, before it is added to float64 sums: to add a hundred thousand numbers takes as long as
 * the products of some hundred rows. Plain data, which a checkpoint can hold.
 */
export interface GradientPart {
  readonly values: Float32Array;
  /** That it is of. */
  rows: number;
}

/** Rows that float32 sums up without a loss that is felt: as many as a block of most heads has. */
const MOST_PART_ROWS = 1_024;

/**
 * Takes in the gradient of `part` and `rows` more, in pieces one after the other: as the new part, or into `sums`. Where those
 * are empty, all of it stays in the part: the sums of a large head would be twice as long as its weights.
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

/** Adds what a kernel summed up over a block to the sums over blocks, from `at` on. */
export function addTo(sums: Float64Array, at: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[at + i] = (sums[at + i] as number) + (values[i] as number);
}

/** Bits travel as the int32 that hold them. */
function targetTensor(targets: Targets): Tensor {
  if (!(targets instanceof Uint8Array)) return tensorOf(targets, [targets.length]);
  const words = new Int32Array(Math.ceil(targets.length / 4));
  new Uint8Array(words.buffer).set(targets);
  return tensorOf(words, [words.length]);
}
