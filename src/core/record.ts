// One flat byte string for a record of JSON values and typed arrays: what checkpoints and weights are stored as.
// Layout: uint32 header length, header JSON in which an array stands as {"$": [type, offset, length]}, padding to 8, data.
import { bytesOf, concatBytes, utf8 } from "./bytes.ts";

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
  /** Where each array stands that was placed: one that is there twice is stored once. */
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

/** Of these, a record may hold a million: the counts of a confusion. */
const areNumbers = (values: readonly unknown[]): boolean => values.every((value) => Number.isFinite(value));

function place(value: unknown, placed: Placed): unknown {
  if (isPacked(value)) return { $: [typeOf(value), placeArray(value, placed), value.length] };
  if (Array.isArray(value)) return areNumbers(value) ? value : value.map((item) => place(item, placed));
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

/** What `encodeRecord` was given; each array stands on a buffer of its own, and one that was there twice is one again. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  const reader = new RecordReader<T>();
  reader.add(bytes);
  return reader.record();
}

interface Header {
  readonly record: unknown;
  readonly arrays: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Reads a record from pieces of its bytes, in order: there is never a second copy of all of them. */
export class RecordReader<T> {
  /** What is read of the header, until it is complete. */
  #unread: Uint8Array = new Uint8Array();
  #header: Header | null = null;
  /** Bytes of data that were read. */
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

  /** Once all pieces were added. */
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

/** The value with an array in the place of each mark. */
function withArrays(value: unknown, arrayOf: (mark: Mark) => Packed): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return areNumbers(value) ? value : value.map((item) => withArrays(item, arrayOf));
  const { $: mark } = value as { readonly $?: Mark };
  if (mark) return arrayOf(mark);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withArrays(inner, arrayOf)]));
}
