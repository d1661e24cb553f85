// A linear head's logits for the rows of a request, with the same kernels in a small memory: tfjs need not be booted, and the
// head of the previous request is still in place.
import { paddedDims, strideOf } from "./features.ts";
import { ROW_FORMS, SLAB, slabsOf } from "./kernels/call.ts";
import { smallMemory } from "./small-memory.ts";

/** 1 MiB: a head of 1,024 dimensions and 128 classes, and as much again for rows and logits. */
const memory = smallMemory(16);

/** The head at the beginning of the memory. */
let held: RowHead | null = null;

/** Immutable: a change needs a new object, because `held` compares identity. */
export interface RowHead {
  readonly outputs: number;
  /** Weights in slab layout, then biases. */
  readonly parameters: Float32Array;
  /** [dims] each. */
  readonly scaler: { readonly mean: Float32Array; readonly inverse: Float32Array };
}

/** Floats after the last row that the scaling kernel reads: at most the padding of dimensions. */
const SLACK = 8;

/** Offsets in floats: the head; the rows as given, scaled, and multiplied. */
function layout({ parameters, scaler, outputs }: RowHead, rows: number) {
  const dims = scaler.mean.length;
  const bias = parameters.length - SLAB * slabsOf(outputs);
  const mean = parameters.length;
  const inverse = mean + paddedDims(dims);
  const features = inverse + paddedDims(dims);
  const scaled = features + rows * dims + SLACK;
  const out = scaled + rows * strideOf(dims);
  return { bias, mean, inverse, features, scaled, out, end: out + rows * SLAB * slabsOf(outputs) };
}

/** x·W + b: [rows][outputs], where x is `features` [rows][dims], scaled; null if that does not fit the memory. */
export function rowLogits(head: RowHead, features: Float32Array, rows: number): Float32Array | null {
  const { floats, functions } = memory();
  const at = layout(head, rows);
  if (at.end > floats.length) return null;
  hold(floats, head, at);
  floats.set(features, at.features);
  floats.fill(0, at.features + features.length, at.scaled); // these floats are multiplied by zero, so they must be finite
  const dims = head.scaler.mean.length;
  const [padded, stride] = [paddedDims(dims), strideOf(dims)];
  functions.scaleRows(4 * at.features, 4 * at.mean, 4 * at.inverse, 4 * at.scaled, rows, dims, padded, stride);
  const [slabs, form] = [slabsOf(head.outputs), ROW_FORMS.single];
  functions.linearLogits(4 * at.scaled, form, 0, 4 * at.bias, 4 * at.out, 0, rows, padded, stride, slabs);
  return narrowed(floats, at.out, rows, head.outputs);
}

function hold(floats: Float32Array, head: RowHead, at: ReturnType<typeof layout>): void {
  if (held === head) return;
  floats.fill(0, at.mean, at.features);
  floats.set(head.parameters);
  floats.set(head.scaler.mean, at.mean);
  floats.set(head.scaler.inverse, at.inverse);
  held = head;
}

/** Rows [rows][slabs · 8] at `from`, without the padded outputs. */
function narrowed(floats: Float32Array, from: number, rows: number, outputs: number): Float32Array {
  const width = SLAB * slabsOf(outputs);
  const out = new Float32Array(rows * outputs);
  for (let r = 0, at = from; r < rows; r++, at += width) out.set(floats.subarray(at, at + outputs), r * outputs);
  return out;
}
