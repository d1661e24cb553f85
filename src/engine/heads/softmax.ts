// Calibrated probabilities from logits: softmax(β · z), where β = 1 / temperature. Float64 throughout, with a fixed order of
// sums.

/** Writes the probabilities of one row of logits to `out` [classes]. */
export function softmaxRow(logits: Float32Array | Float64Array, beta: number, out: Float64Array): Float64Array {
  let top = -Infinity;
  for (const z of logits) if (z > top) top = z;
  let total = 0;
  for (let k = 0; k < logits.length; k++) {
    const e = Math.exp(beta * ((logits[k] as number) - top));
    out[k] = e;
    total += e;
  }
  for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) / total;
  return out;
}

/** Index of the largest value; the first one if several are equal. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] as number) > (values[best] as number)) best = k;
  return best;
}
