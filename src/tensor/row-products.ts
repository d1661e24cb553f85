// The product of a linear head for the rows of a request, by the same kernel in a small memory: nothing of tfjs has to be
// booted, and the weights that were asked last lie there already.
import { paddedRows, ROW_FORMS, SLAB, slabsOf } from "./kernels/call.ts";
import { smallMemory } from "./small-memory.ts";

/** 1 MiB: weights of 1,024 dimensions and 128 classes, and as much again for rows and what comes out. */
const memory = smallMemory(16);

/** Of whom the parameters lie at the beginning of the memory. */
let held: Float32Array | null = null;

export interface RowWeights {
  /** Padded. */
  readonly dims: number;
  readonly outputs: number;
  /** Weights in slab layout, then biases. Never change. */
  readonly parameters: Float32Array;
}

/** x·W + b: [rows][outputs]; null where that takes more than the memory has. x: [rows][stride]. */
export function rowLogits(x: Float32Array, rows: number, stride: number, head: RowWeights): Float32Array | null {
  const { floats, functions } = memory();
  const { dims, outputs, parameters } = head;
  const width = SLAB * slabsOf(outputs);
  const xAt = parameters.length;
  const outAt = xAt + paddedRows(rows) * stride;
  if (outAt + paddedRows(rows) * width > floats.length) return null;
  hold(floats, parameters);
  floats.set(x, xAt); // what rows of before left in the padding changes nothing of these
  const form = ROW_FORMS.single;
  const biasAt = xAt - width;
  functions.linearLogits(4 * xAt, form, 0, 4 * biasAt, 4 * outAt, 0, paddedRows(rows), dims, stride, slabsOf(outputs));
  const out = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) out.set(floats.subarray(outAt + r * width, outAt + r * width + outputs), r * outputs);
  return out;
}

function hold(floats: Float32Array, parameters: Float32Array): void {
  if (held === parameters) return;
  floats.set(parameters);
  held = parameters;
}
