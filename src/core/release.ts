// Gives memory back before the collector would: it counts arrays late, and an isolate has 128 MB.

/** Frees what `array` stands on, if nothing else stands on it; the array is empty from here on. */
export function release(array: Float32Array | Float64Array): void {
  if (array.byteLength === array.buffer.byteLength && array.buffer instanceof ArrayBuffer) array.buffer.transfer(0);
}

/** Frees every such array in a record of plain objects and arrays, which nobody reads again. */
export function releaseAll(record: unknown): void {
  if (record instanceof Float32Array || record instanceof Float64Array) {
    if (record.byteLength > 0) release(record); // one that stands in two places is freed already
    return;
  }
  if (record === null || typeof record !== "object" || ArrayBuffer.isView(record)) return;
  if (Array.isArray(record) && typeof record[0] !== "object") return; // numbers and names: there may be a million
  for (const inner of Object.values(record)) releaseAll(inner);
}
