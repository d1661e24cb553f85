// The product of a linear head for a row or two, by the same kernel in a small memory: nothing of tfjs has to be booted.
import { paddedRows, ROW_FORMS, SLAB, slabsOf } from "./kernels/call.ts";
import type { SlabWeights } from "./products.ts";
import { smallMemory } from "./small-memory.ts";

/** Multiplications up to which this is the faster way (`npm run bench:serve`: a tensor's bookkeeping costs some 30 µs). */
const MOST_PRODUCTS = 40_000;

export const isFew = (rows: number, { dims, outputs }: Pick<SlabWeights, "dims" | "outputs">): boolean =>
  rows * dims * slabsOf(outputs) * SLAB <= MOST_PRODUCTS;

/** x·W + b: [rows][outputs]. x: [rows][stride]. Operands are copied in: they are few, and nothing has to be kept or freed. */
export function rowLogits(x: Float32Array, rows: number, stride: number, head: SlabWeights): Float32Array {
  const { floats, functions } = smallMemory();
  const { dims, outputs, weights, bias } = head;
  const width = bias.length;
  const [biasAt, xAt] = [weights.length, weights.length + width];
  const outAt = xAt + paddedRows(rows) * stride;
  floats.set(weights);
  floats.set(bias, biasAt);
  floats.set(x, xAt); // what rows of before left in the padding changes nothing of these
  const form = ROW_FORMS.single;
  functions.linearLogits(4 * xAt, form, 0, 4 * biasAt, 4 * outAt, 0, paddedRows(rows), dims, stride, slabsOf(outputs));
  const out = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) out.set(floats.subarray(outAt + r * width, outAt + r * width + outputs), r * outputs);
  return out;
}
