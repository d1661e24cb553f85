// The product of a linear head for a row or two, without the WASM heap: what a kernel does in no time is then less than what
// calling it takes. To the bit what the kernel gives: the same sums in the same order, every one rounded to float32.
import { SLAB, slabsOf } from "./kernels/call.ts";
import type { SlabWeights } from "./products.ts";

const { fround } = Math;

/** Multiplications up to which this is the faster way (`npm run bench:serve`: a kernel call costs some 30 µs). */
const MOST_PRODUCTS = 40_000;

export const isFew = (rows: number, { dims, outputs }: Pick<SlabWeights, "dims" | "outputs">): boolean =>
  rows * dims * slabsOf(outputs) * SLAB <= MOST_PRODUCTS;

/** x·W + b: [rows][outputs]. x: [rows][stride], as the kernels read it. */
export function rowLogits(x: Float32Array, rows: number, stride: number, head: SlabWeights): Float32Array {
  const { outputs } = head;
  const out = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < outputs; k += 4) fourOutputs(x, r * stride, head, k, out, r * outputs);
  }
  return out;
}

/** Outputs from `k` on, four at most: as many sums as V8 keeps in registers beside their operands. */
function fourOutputs(
  x: Float32Array,
  from: number,
  { dims, outputs, weights, bias }: SlabWeights,
  k: number,
  out: Float32Array,
  to: number,
): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = (k >> 3) * dims * SLAB + (k & 7);
  for (let i = 0; i < dims; i++, at += SLAB) {
    const value = x[from + i] as number;
    a = fround(a + fround(value * (weights[at] as number)));
    b = fround(b + fround(value * (weights[at + 1] as number)));
    c = fround(c + fround(value * (weights[at + 2] as number)));
    d = fround(d + fround(value * (weights[at + 3] as number)));
  }
  out[to + k] = a + (bias[k] as number);
  if (k + 1 < outputs) out[to + k + 1] = b + (bias[k + 1] as number);
  if (k + 2 < outputs) out[to + k + 2] = c + (bias[k + 2] as number);
  if (k + 3 < outputs) out[to + k + 3] = d + (bias[k + 3] as number);
}
