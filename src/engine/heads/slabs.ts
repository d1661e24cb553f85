// Converts between row-major matrices and the kernels' slab layout.
import { paddedDims } from "../../tensor/features.ts";
import { SLAB, slabIndex, slabsOf } from "../../tensor/products.ts";

/** [inputs][outputs] to [slabs][inputs padded to a multiple of eight][8], with zeros in the padding. */
export function toSlabs(matrix: Float32Array, inputs: number, outputs: number): Float32Array {
  const dims = paddedDims(inputs);
  const slabs = new Float32Array(slabsOf(outputs) * SLAB * dims);
  for (let d = 0; d < inputs; d++) {
    for (let k = 0; k < outputs; k++) slabs[slabIndex(dims, d, k)] = matrix[d * outputs + k] as number;
  }
  return slabs;
}

/** The inverse of `toSlabs`: [inputs][outputs], without the padding. */
export function fromSlabs(slabs: Float32Array, inputs: number, outputs: number): Float32Array {
  const dims = paddedDims(inputs);
  const matrix = new Float32Array(inputs * outputs);
  for (let d = 0; d < inputs; d++) {
    for (let k = 0; k < outputs; k++) matrix[d * outputs + k] = slabs[slabIndex(dims, d, k)] as number;
  }
  return matrix;
}

/** Rows [rows][slabs · 8] without the padded outputs. Takes ownership of `padded`: it is empty afterwards if it was copied. */
export function unpadRows(padded: Float32Array<ArrayBuffer>, rows: number, outputs: number): Float32Array {
  const width = slabsOf(outputs) * SLAB;
  if (width === outputs) return padded;
  const values = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) values.set(padded.subarray(r * width, r * width + outputs), r * outputs);
  padded.buffer.transfer(0);
  return values;
}
