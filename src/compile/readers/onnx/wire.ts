// Reads protobuf's wire format (protobuf.dev/programming-guides/encoding): fields by number, without a schema. Fields of bytes are
// views of the file, so that weights are not copied.
import { CompileError } from "../../compile-error.ts";

export interface Field {
  readonly number: number;
  /** Of fields with bytes; empty for others. */
  readonly bytes: Uint8Array;
  /** Of fields with a number. Exact up to 2^53. */
  readonly value: number;
}

const NOTHING = new Uint8Array(0);
const VARINT_BYTES = 10;

class WireReader {
  readonly #bytes: Uint8Array;
  readonly #place: string;
  #at = 0;

  constructor(bytes: Uint8Array, place: string) {
    this.#bytes = bytes;
    this.#place = place;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A signed integer of 64 bits. */
  varint(): number {
    let [low, high] = [0, 0];
    for (let count = 0; count < VARINT_BYTES; count++) {
      const byte = this.#byte();
      const bits = byte & 127;
      // Each byte has seven bits: five bytes reach beyond the low word.
      if (count < 4) low |= bits << (7 * count);
      else if (count === 4) [low, high] = [low | (bits << 28), bits >> 4];
      else high |= bits << (7 * count - 32);
      if (byte < 128) return high * 2 ** 32 + (low >>> 0);
    }
    throw this.#error("a number has more than ten bytes");
  }

  field(): Field {
    const key = this.varint();
    const number = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === 0) return { number, value: this.varint(), bytes: NOTHING };
    if (kind === 1) return { number, value: 0, bytes: this.#take(8) };
    if (kind === 2) return { number, value: 0, bytes: this.#take(this.varint()) };
    if (kind === 5) return { number, value: 0, bytes: this.#take(4) };
    throw this.#error(`field ${number} has the unknown kind ${kind}`);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw this.#error("it ends inside a number");
    return byte;
  }

  #take(count: number): Uint8Array {
    if (!(count >= 0 && count <= this.#bytes.length - this.#at))
      throw this.#error(`a field of ${count} bytes does not fit; the file may be cut off`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #error(detail: string): CompileError {
    return new CompileError(
      `${this.#place}, byte ${this.#bytes.byteOffset + this.#at}`,
      `not a protobuf message: ${detail}`,
    );
  }
}

export function fieldsOf(bytes: Uint8Array, place: string): Field[] {
  const reader = new WireReader(bytes, place);
  const fields: Field[] = [];
  while (!reader.isAtEnd) fields.push(reader.field());
  return fields;
}

/** Numbers of a repeated field, packed or not. */
export function varintsOf(fields: readonly Field[], number: number, place: string): number[] {
  return fields
    .filter((field) => field.number === number)
    .flatMap(({ bytes, value }) => (bytes.length > 0 ? unpacked(bytes, place) : [value]));
}

function unpacked(bytes: Uint8Array, place: string): number[] {
  const reader = new WireReader(bytes, place);
  const values: number[] = [];
  while (!reader.isAtEnd) values.push(reader.varint());
  return values;
}

/** Float32 of a repeated field, packed or not. */
export function floatsOf(fields: readonly Field[], number: number): number[] {
  return fields
    .filter((field) => field.number === number)
    .flatMap(({ bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => view.getFloat32(4 * at, true));
    });
}

const decoder = new TextDecoder();

export const textOf = ({ bytes }: Field): string => decoder.decode(bytes);

export const fieldOf = (fields: readonly Field[], number: number): Field | undefined =>
  fields.findLast((field) => field.number === number);

export const textsOf = (fields: readonly Field[], number: number): string[] =>
  fields.filter((field) => field.number === number).map(textOf);
