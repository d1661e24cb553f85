// Softmax losses of logits at other temperatures, computed a piece of the rows at a time in a small memory.
import type { HeadFunctions } from "./kernels/head-functions.ts";
import { smallMemory } from "./small-memory.ts";

/** 256 KiB: sixty rows of a thousand classes. */
const memory = smallMemory(4);
/** Float64 numbers reserved for sums and for the kernel's scratch, before labels and logits. */
const MOST_SUMS = 64;

/** Values of β computed from one exponential per logit, each twice the previous one. */
export const DOUBLINGS = 6;

/**
 * For β = starts[i % starts.length] · 2^⌊i / starts.length⌋: adds the cross-entropy of softmax(β·z) over rows of `logits`
 * [rows][classes] to sums[i], except for the logarithm of products[i], which the caller adds. There are DOUBLINGS times as many
 * sums and products as starts.
 */
export function addTemperedLosses(
  { sums, products }: { readonly sums: Float64Array; readonly products: Float64Array },
  starts: readonly number[],
  logits: Float32Array,
  labels: Int32Array,
): void {
  const numbers = new Float64Array([...sums, ...products]);
  inPieces(numbers, logits, labels, ({ addTemperedLosses: add }, rows) => {
    starts.forEach((beta, i) => {
      add(...rows, beta, 8 * i, 8 * (i + sums.length), 8 * starts.length, 8 * numbers.length);
    });
  });
  sums.set(numbers.subarray(0, sums.length));
  products.set(numbers.subarray(sums.length));
}

/** Adds Σ (E[z] − z of the label) and Σ Var[z], under softmax(β·z), to the two `slopes`. */
export function addTemperedSlopes(slopes: Float64Array, beta: number, logits: Float32Array, labels: Int32Array): void {
  inPieces(slopes, logits, labels, ({ addTemperedSlopes: add }, rows) => add(...rows, beta, 0));
}

/** The rows of one kernel call. */
type Rows = readonly [logits: number, labels: number, rows: number, classes: number];

/** Calls `add` for all rows, piece by piece, with `numbers` at the beginning of the memory. */
function inPieces(
  numbers: Float64Array,
  logits: Float32Array,
  labels: Int32Array,
  add: (functions: HeadFunctions, rows: Rows) => void,
): void {
  const { buffer, floats, functions } = memory();
  const [held, integers] = [new Float64Array(buffer, 0, numbers.length), new Int32Array(buffer)];
  const classes = logits.length / Math.max(1, labels.length);
  const labelsAt = 2 * MOST_SUMS;
  const most = Math.floor((floats.length - labelsAt) / (classes + 1));
  held.set(numbers);
  for (let row = 0; row < labels.length; row += most) {
    const some = labels.subarray(row, row + most);
    const logitsAt = labelsAt + some.length;
    integers.set(some, labelsAt);
    floats.set(logits.subarray(row * classes, (row + some.length) * classes), logitsAt);
    add(functions, [4 * logitsAt, 4 * labelsAt, some.length, classes]);
  }
  numbers.set(held);
}
