// Gives memory back before the collector would: it counts arrays late, and an isolate has 128 MB.

/** Frees what `array` stands on, if nothing else stands on it; the array is empty from here on. */
export function release(array: Float32Array | Float64Array): void {
  if (array.byteLength === array.buffer.byteLength && array.buffer instanceof ArrayBuffer) array.buffer.transfer(0);
}
