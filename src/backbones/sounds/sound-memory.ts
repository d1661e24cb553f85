// The kernels of sounds, in a small memory of their own. A caller copies in, computes and copies out synchronously, so that callers
// cannot interfere. It grows to what the largest filter needs, at most some MiB.
import soundsModule from "../../../.build/kernels/sounds.wasm";
import type { Filter } from "./filter.ts";

/** As assembly/index.ts exports them. They take addresses. */
interface SoundFunctions {
  readFrames(at: number, encoding: number, channels: number, frames: number, out: number): number;
  filterAt(x: number, weights: number, taps: number, out: number, count: number, step: number, stride: number): void;
  filterBetween(x: number, weights: number, taps: number, share: number, out: number): void;
}

const PAGE_BYTES = 65_536;
const ALIGNMENT = 16;
export const FLOAT_BYTES = 4;

export class SoundMemory {
  readonly functions: SoundFunctions;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  /** The filter whose weights are at address 0. */
  #filter: Filter | null = null;

  constructor() {
    const { exports } = new WebAssembly.Instance(soundsModule, { env: { memory: this.#memory } });
    this.functions = exports as unknown as SoundFunctions;
  }

  /** Addresses of parts with these sizes, after the filter's weights, which are at address 0. */
  hold(filter: Filter | null, ...bytes: readonly number[]): readonly number[] {
    let end = filter?.weights.byteLength ?? 0;
    if (filter === null) this.#filter = null;
    const addresses = bytes.map((size) => {
      const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      end = at + size;
      return at;
    });
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#memory.grow(missing);
    if (filter !== null && filter !== this.#filter) this.floats(0, filter.weights.length).set(filter.weights);
    this.#filter = filter;
    return addresses;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  write(at: number, bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer, at, bytes.length).set(bytes);
  }
}

let made: SoundMemory | undefined;

export function soundMemory(): SoundMemory {
  made ??= new SoundMemory();
  return made;
}
