// Releases the memory of arrays before the garbage collector does. An array that lived for some time is freed only by a full
// collection, which comes late, and an isolate has 128 MB.

/** Frees the buffer of `array`, unless `array` is a view of a part of it. The array is empty afterwards. */
export const release = (array: Float32Array | Float64Array): void => free(array);

/** Frees all float arrays in a record of plain objects and arrays that is no longer used. */
export function releaseAll(record: unknown): void {
  for (const array of arraysIn(record)) if (isFloats(array)) free(array);
}

/**
 * Frees the arrays of `before` whose buffers `after` does not use. Both are records of plain objects and arrays: two states of
 * one computation. `before` must not be used again.
 */
export function releaseUnused(before: unknown, after: unknown): void {
  if (before === after) return;
  const used = new Set<ArrayBufferLike>();
  for (const { buffer } of arraysIn(after)) used.add(buffer);
  for (const array of arraysIn(before)) if (!used.has(array.buffer)) free(array);
}

const isFloats = (array: ArrayBufferView): boolean => array instanceof Float32Array || array instanceof Float64Array;

function free({ byteLength, buffer }: ArrayBufferView): void {
  if (byteLength === 0) return; // freed already: an array can occur twice in a record
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function* arraysIn(record: unknown): Generator<ArrayBufferView> {
  if (record === null || typeof record !== "object") return;
  if (ArrayBuffer.isView(record)) return yield record;
  if (Array.isArray(record) && typeof record[0] !== "object") return; // skip numbers and names: there may be a million
  for (const inner of Object.values(record)) yield* arraysIn(inner);
}
