// Releases memory before the garbage collector would: it accounts for arrays late, and an isolate has 128 MB.

/** Frees the buffer of `array` if nothing else uses it. The array is empty afterwards. */
export function release(array: Float32Array | Float64Array): void {
  if (array.byteLength === array.buffer.byteLength && array.buffer instanceof ArrayBuffer) array.buffer.transfer(0);
}

/** Frees all such arrays in a record of plain objects and arrays that is no longer used. */
export function releaseAll(record: unknown): void {
  if (record instanceof Float32Array || record instanceof Float64Array) {
    if (record.byteLength > 0) release(record); // an array that occurs twice is already freed
    return;
  }
  if (record === null || typeof record !== "object" || ArrayBuffer.isView(record)) return;
  if (Array.isArray(record) && typeof record[0] !== "object") return; // skip numbers and names: there may be a million
  for (const inner of Object.values(record)) releaseAll(inner);
}
