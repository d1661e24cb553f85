// Encodes a record of JSON values and typed arrays as one flat byte string, the storage format of checkpoints and weights.
// Layout: uint32 header length; header JSON, in which {"$": [type, offset, length]} stands for an array; padding to 8; data.
import { bytesOf, concatBytes, utf8 } from "./bytes.ts";

const TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type TypeName = keyof typeof TYPES;
type Packed = Float32Array | Float64Array | Int32Array;

const typeOf = (array: Packed): TypeName =>
  array instanceof Float32Array ? "f32" : array instanceof Float64Array ? "f64" : "i32";

const isPacked = (value: unknown): value is Packed =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;

const alignUp = (bytes: number): number => (bytes + 7) & ~7;

/** Arrays to be written, with their offsets. Each is copied once, directly to its place. */
interface Placed {
  readonly arrays: { readonly at: number; readonly array: Packed }[];
  /** Offset of each array: an array that occurs twice is stored once. */
  readonly places: Map<Packed, number>;
  bytes: number;
}

function placeArray(array: Packed, placed: Placed): number {
  const known = placed.places.get(array);
  if (known !== undefined) return known;
  const at = placed.bytes;
  placed.arrays.push({ at, array });
  placed.places.set(array, at);
  placed.bytes += alignUp(array.byteLength);
  return at;
}

/** A record may hold a million of these: the counts of a confusion matrix. */
const areNumbers = (values: readonly unknown[]): boolean => values.every((value) => Number.isFinite(value));

function place(value: unknown, placed: Placed): unknown {
  if (isPacked(value)) return { $: [typeOf(value), placeArray(value, placed), value.length] };
  if (Array.isArray(value)) return areNumbers(value) ? value : value.map((item) => place(item, placed));
  // JSON would write null, and decoding would give another value than was stored.
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error("A record holds a number that is not finite");
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner, placed)]));
}

/** Encodes a record. It may nest plain objects, arrays, JSON scalars and Float32Array, Float64Array or Int32Array. */
export function encodeRecord(record: unknown): Uint8Array<ArrayBuffer> {
  const [bytes] = recordPieces(record, Number.MAX_SAFE_INTEGER);
  return bytes as Uint8Array<ArrayBuffer>;
}

/**
 * The bytes of `encodeRecord`, `size` at a time. Each piece is made on demand, so `record` must not change before the last one.
 */
export function* recordPieces(record: unknown, size: number): Generator<Uint8Array<ArrayBuffer>> {
  const placed: Placed = { arrays: [], places: new Map(), bytes: 0 };
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

/**
 * Copies the part of an array that belongs to the piece beginning at `from`. Returns false if the rest belongs to the next
 * piece.
 */
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

/** The inverse of `encodeRecord`. Each array gets its own buffer; an array that occurred twice is one array again. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  const reader = new RecordReader<T>();
  reader.add(bytes);
  return reader.record();
}

interface Header {
  readonly record: unknown;
  readonly arrays: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Decodes a record from consecutive pieces of its bytes, without a second copy of all bytes. */
export class RecordReader<T> {
  /** The bytes of the header read so far, until it is complete. */
  #unread: Uint8Array = new Uint8Array();
  #header: Header | null = null;
  /** Bytes of data read so far. */
  #at = 0;

  add(piece: Uint8Array): void {
    if (this.#header) this.#fill(this.#header, piece);
    else this.#begin(concatBytes([this.#unread, piece]));
  }

  #begin(read: Uint8Array): void {
    const end = endOfHeader(read);
    this.#unread = read.byteLength < end ? read : new Uint8Array();
    if (read.byteLength < end) return;
    this.#header = readHeader(read);
    this.#fill(this.#header, read.subarray(end));
  }

  #fill({ arrays }: Header, piece: Uint8Array): void {
    for (const { at, bytes } of arrays) {
      const own = piece.subarray(Math.max(0, at - this.#at), Math.max(0, at + bytes.byteLength - this.#at));
      if (own.byteLength > 0) bytes.set(own, Math.max(0, this.#at - at));
    }
    this.#at += piece.byteLength;
  }

  /** The record. Call after all pieces were added. */
  record(): T {
    if (!this.#header) throw new Error("A record ends within its header");
    return this.#header.record as T;
  }
}

const headerBytes = ({ buffer, byteOffset }: Uint8Array): number => new DataView(buffer, byteOffset).getUint32(0, true);

const endOfHeader = (bytes: Uint8Array): number =>
  bytes.byteLength < 4 ? Number.MAX_VALUE : alignUp(4 + headerBytes(bytes));

function readHeader(bytes: Uint8Array): Header {
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + headerBytes(bytes)));
  const made = new Map<string, Packed>();
  const record = withArrays(JSON.parse(text), ([type, at, length]) => {
    const key = `${type} ${at} ${length}`;
    const array = made.get(key) ?? new TYPES[type](length);
    made.set(key, array);
    return array;
  });
  const arrays = [...made].map(([key, array]) => ({ at: Number(key.split(" ")[1]), bytes: bytesOf(array) }));
  return { record, arrays };
}

type Mark = readonly [type: TypeName, at: number, length: number];

/** The value with each mark replaced by its array. */
function withArrays(value: unknown, arrayOf: (mark: Mark) => Packed): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return areNumbers(value) ? value : value.map((item) => withArrays(item, arrayOf));
  const { $: mark } = value as { readonly $?: Mark };
  if (mark) return arrayOf(mark);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withArrays(inner, arrayOf)]));
}
