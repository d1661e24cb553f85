// The kernels of pictures, in a WebAssembly memory that only one picture uses at a time. A memory never shrinks, so a large one is
// dropped afterwards; a small one is kept for the next picture.
import imagesModule from "../../../.build/kernels/images.wasm";
import { MIB } from "../../core/limits/units.ts";
import type { ImageFunctions } from "./image-functions.ts";

const PAGE_BYTES = 65_536;
const FIRST_PAGES = 2;
const MOST_PAGES = 2_048;
/** A memory up to this size is kept: photos of most phones need no more. */
const KEPT_BYTES = 8 * MIB;

/** Hands out addresses, before there is memory behind them. */
export class Arena {
  #end: number;
  #outside = 0;

  constructor(from: number) {
    this.#end = from;
  }

  /** Bytes from the beginning of the memory to the end of what was taken. */
  get end(): number {
    return this.#end;
  }

  /** All bytes that are needed at the same time. */
  get total(): number {
    return this.#end + this.#outside;
  }

  /** Counts bytes that are needed outside of this memory. */
  count(bytes: number): void {
    this.#outside += bytes;
  }

  take(bytes: number): number {
    const at = Math.ceil(this.#end / 16) * 16;
    this.#end = at + Math.ceil(bytes);
    return at;
  }
}

export class ImageMemory {
  readonly functions: ImageFunctions;
  readonly #memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES });
  /** Bytes of it that are in use. */
  #held = 0;

  constructor() {
    const { exports } = new WebAssembly.Instance(imagesModule, { env: { memory: this.#memory } });
    this.functions = exports as unknown as ImageFunctions;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  arena(): Arena {
    return new Arena(this.functions.heapBase());
  }

  /** Makes the memory as large as the arena, before the first use of its addresses. It is all zeros. */
  hold(arena: Arena): void {
    this.#held = arena.end;
    const missing = Math.ceil(arena.end / PAGE_BYTES) - this.byteLength / PAGE_BYTES;
    if (missing > 0) this.#memory.grow(missing);
  }

  /** Forgets the picture. */
  erase(): void {
    const from = this.functions.heapBase();
    this.bytes(from, this.#held - from).fill(0);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.bytes(at, bytes.length).set(bytes);
  }

  writeIntegers(at: number, integers: Int32Array): void {
    new Int32Array(this.#memory.buffer, at, integers.length).set(integers);
  }
}

let idle: ImageMemory | undefined;

export function borrowImageMemory(): ImageMemory {
  const memory = idle ?? new ImageMemory();
  idle = undefined;
  return memory;
}

/** SECURITY: nothing of a picture may stay behind for the next one, which may be another tenant's. */
export function returnImageMemory(memory: ImageMemory): void {
  if (memory.byteLength > KEPT_BYTES) return;
  memory.erase();
  idle = memory;
}
