// Reads tables of a FlatBuffer (flatbuffers.dev/internals): fields by number, without a schema.
import { CompileError } from "../../compile-error.ts";

interface Vector {
  readonly at: number;
  readonly length: number;
}

export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #place: string;

  constructor(view: DataView, at: number, place: string) {
    this.#view = view;
    this.#at = at;
    this.#place = place;
  }

  /** The root of a file with this identifier of four letters. */
  static root(bytes: Uint8Array, identifier: string, place: string): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new TextDecoder("latin1").decode(bytes.subarray(4, 8));
    if (bytes.length < 8 || found !== identifier)
      throw new CompileError(place, `not a ${identifier} file: its identifier is ${JSON.stringify(found)}`);
    return new FlatTable(view, view.getUint32(0, true), place);
  }

  int8 = (field: number, fallback = 0): number => this.#number(field, fallback, 1, (at) => this.#view.getInt8(at));
  uint8 = (field: number, fallback = 0): number => this.#number(field, fallback, 1, (at) => this.#view.getUint8(at));
  int32 = (field: number, fallback = 0): number =>
    this.#number(field, fallback, 4, (at) => this.#view.getInt32(at, true));

  table(field: number): FlatTable | null {
    const at = this.#field(field);
    return at === 0 ? null : new FlatTable(this.#view, this.#follow(at), this.#place);
  }

  tables(field: number): FlatTable[] {
    const { at, length } = this.#vector(field, 4);
    return Array.from({ length }, (_, place) => new FlatTable(this.#view, this.#follow(at + 4 * place), this.#place));
  }

  int32s(field: number): number[] {
    const { at, length } = this.#vector(field, 4);
    return Array.from({ length }, (_, place) => this.#view.getInt32(at + 4 * place, true));
  }

  int64s(field: number): number[] {
    const { at, length } = this.#vector(field, 8);
    return Array.from({ length }, (_, place) => Number(this.#view.getBigInt64(at + 8 * place, true)));
  }

  float32s(field: number): number[] {
    const { at, length } = this.#vector(field, 4);
    return Array.from({ length }, (_, place) => this.#view.getFloat32(at + 4 * place, true));
  }

  bytes(field: number): Uint8Array {
    const { at, length } = this.#vector(field, 1);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  text = (field: number): string => new TextDecoder().decode(this.bytes(field));

  #number(field: number, fallback: number, size: number, read: (at: number) => number): number {
    const at = this.#field(field);
    return at === 0 ? fallback : read(this.#checked(at, size));
  }

  /** Where a field is; 0 if the table lacks it. The table begins with the distance back to the places of its fields. */
  #field(field: number): number {
    const places = this.#at - this.#view.getInt32(this.#checked(this.#at, 4), true);
    const bytes = this.#view.getUint16(this.#checked(places, 4), true);
    const entry = 4 + 2 * field;
    if (entry + 2 > bytes) return 0;
    const offset = this.#view.getUint16(this.#checked(places + entry, 2), true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #follow = (at: number): number => at + this.#view.getUint32(this.#checked(at, 4), true);

  #vector(field: number, size: number): Vector {
    const at = this.#field(field);
    if (at === 0) return { at: 0, length: 0 };
    const start = this.#follow(at);
    const length = this.#view.getUint32(this.#checked(start, 4), true);
    this.#checked(start + 4, length * size);
    return { at: start + 4, length };
  }

  #checked(at: number, bytes: number): number {
    if (at >= 0 && at + bytes <= this.#view.byteLength) return at;
    throw new CompileError(`${this.#place}, byte ${at}`, `${bytes} bytes are expected there, but the file ends before`);
  }
}
