// The memory of one bundle: its weights, then the arenas of its runs. It belongs to nothing else, so that dropping a bundle frees it, and
// a bad bundle cannot write into anything else.
import type { KernelFunctions } from "./kernels/functions.ts";

export const PAGE_BYTES = 65_536;

export class Heap {
  readonly kernels: KernelFunctions;
  readonly #memory: WebAssembly.Memory;

  constructor(module: WebAssembly.Module, bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernels = exports as unknown as KernelFunctions;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Makes the memory at least this large. It never becomes smaller. */
  growTo(bytes: number): void {
    const missing = Math.ceil((bytes - this.bytes) / PAGE_BYTES);
    if (missing > 0) this.#memory.grow(missing);
  }

  /** Views are valid until the memory grows: make them anew after every turn. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  ints(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  write(address: number, bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes);
  }
}
