// One flat byte string for a record of JSON values and typed arrays: what checkpoints and weights are stored as.
// Layout: uint32 header length, header JSON in which an array stands as {"$": [type, offset, length]}, padding to 8, data.
import { bytesOf, utf8 } from "./bytes.ts";

const TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type TypeName = keyof typeof TYPES;
type Packed = Float32Array | Float64Array | Int32Array;

const typeOf = (array: Packed): TypeName =>
  array instanceof Float32Array ? "f32" : array instanceof Float64Array ? "f64" : "i32";

const isPacked = (value: unknown): value is Packed =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;

const alignUp = (bytes: number): number => (bytes + 7) & ~7;

/** Arrays on their way into a record: copied once, to where each will stand. */
interface Placed {
  readonly arrays: { readonly at: number; readonly array: Packed }[];
  bytes: number;
}

function place(value: unknown, placed: Placed): unknown {
  if (isPacked(value)) {
    const at = placed.bytes;
    placed.arrays.push({ at, array: value });
    placed.bytes += alignUp(value.byteLength);
    return { $: [typeOf(value), at, value.length] };
  }
  if (Array.isArray(value)) return value.map((item) => place(item, placed));
  // JSON would write null for it, and what is read back would not be what was stored.
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error("A record holds a number that is not finite");
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner, placed)]));
}

/** `record` may nest plain objects, arrays, JSON scalars and Float32Array, Float64Array or Int32Array. */
export function encodeRecord(record: unknown): Uint8Array<ArrayBuffer> {
  const [bytes] = recordPieces(record, Number.MAX_SAFE_INTEGER);
  return bytes as Uint8Array<ArrayBuffer>;
}

/** The same bytes, `size` at a time: each piece is made when it is asked for, so `record` must stay as it is until the last. */
export function* recordPieces(record: unknown, size: number): Generator<Uint8Array<ArrayBuffer>> {
  const placed: Placed = { arrays: [], bytes: 0 };
  const header = headerOf(utf8(JSON.stringify(place(record, placed))));
  const start = header.byteLength;
  const sources = [{ at: -start, array: header }, ...placed.arrays];
  for (let from = -start; from < placed.bytes; from += size) {
    const piece = new Uint8Array(Math.min(size, placed.bytes - from));
    while (sources[0] && putSource(piece, from, sources[0])) sources.shift();
    yield piece;
  }
}

function headerOf(text: Uint8Array): Uint8Array {
  const header = new Uint8Array(alignUp(4 + text.byteLength));
  new DataView(header.buffer).setUint32(0, text.byteLength, true);
  header.set(text, 4);
  return header;
}

/** Copies what of an array falls into the piece that begins at `from`. false: the rest falls into the next. */
function putSource(
  piece: Uint8Array,
  from: number,
  { at, array }: { at: number; array: Packed | Uint8Array },
): boolean {
  const bytes = bytesOf(array);
  const own = bytes.subarray(Math.max(0, from - at), Math.max(0, from + piece.byteLength - at));
  if (own.byteLength > 0) piece.set(own, Math.max(0, at - from));
  return at + bytes.byteLength <= from + piece.byteLength;
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
