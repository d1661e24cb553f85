// One flat byte string for a record of JSON values and typed arrays: what checkpoints and weights are stored as.
// Layout: uint32 header length, header JSON in which an array stands as {"$": [type, offset, length]}, padding to 8, data.
import { concatBytes, utf8 } from "./bytes.ts";

const TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type TypeName = keyof typeof TYPES;
type Packed = Float32Array | Float64Array | Int32Array;

const typeOf = (array: Packed): TypeName =>
  array instanceof Float32Array ? "f32" : array instanceof Float64Array ? "f64" : "i32";

const isPacked = (value: unknown): value is Packed =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;

const alignUp = (bytes: number): number => (bytes + 7) & ~7;

function place(value: unknown, parts: Uint8Array[], state: { bytes: number }): unknown {
  if (isPacked(value)) {
    const at = state.bytes;
    const bytes = new Uint8Array(alignUp(value.byteLength));
    bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    parts.push(bytes);
    state.bytes += bytes.byteLength;
    return { $: [typeOf(value), at, value.length] };
  }
  if (Array.isArray(value)) return value.map((item) => place(item, parts, state));
  // JSON would write null for it, and what is read back would not be what was stored.
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error("A record holds a number that is not finite");
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner, parts, state)]));
}

/** `record` may nest plain objects, arrays, JSON scalars and Float32Array, Float64Array or Int32Array. */
export function encodeRecord(record: unknown): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const text = utf8(JSON.stringify(place(record, parts, { bytes: 0 })));
  const header = new Uint8Array(alignUp(4 + text.byteLength));
  new DataView(header.buffer).setUint32(0, text.byteLength, true);
  header.set(text, 4);
  return concatBytes([header, ...parts]);
}

/** What `encodeRecord` was given. Arrays are views of one copy of `bytes`. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  const buffer = bytes.slice().buffer;
  const length = new DataView(buffer).getUint32(0, true);
  const start = alignUp(4 + length);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  return JSON.parse(text, (_, value: unknown) => {
    const mark = (value as { $?: [TypeName, number, number] } | null)?.$;
    return mark ? new TYPES[mark[0]](buffer, start + mark[1], mark[2]) : value;
  }) as T;
}
