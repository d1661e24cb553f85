// Reads numbers from an untrusted file: every read is checked against the length.
import { unreadable } from "./unreadable.ts";

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#checked(at, 1));
  }

  u16(at: number, isLittle = false): number {
    return this.#view.getUint16(this.#checked(at, 2), isLittle);
  }

  u24(at: number): number {
    return this.u16(at, true) + this.u8(at + 2) * 0x10000;
  }

  u32(at: number, isLittle = false): number {
    return this.#view.getUint32(this.#checked(at, 4), isLittle);
  }

  /** Characters of one byte each. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.slice(at, length));
  }

  slice(at: number, length: number): Uint8Array {
    this.#checked(at, length);
    return this.bytes.subarray(at, at + length);
  }

  #checked(at: number, length: number): number {
    if (at + length > this.length) throw unreadable("the file is truncated");
    return at;
  }
}
