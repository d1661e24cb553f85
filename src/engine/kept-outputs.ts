// Caches a model's outputs by block. The temperature takes several passes over one model, and its metrics take another; without
// the cache, each pass would compute the same products again. The bits are the same either way.
import { LIMITS } from "../core/limits.ts";
import { release } from "../core/release.ts";
import type { BlockPlace } from "./data/blocks.ts";

interface Kept {
  readonly parameters: Float32Array;
  readonly outputs: Float32Array;
}

/** Counted for the whole isolate, because several objects may train in it. */
let bytesKept = 0;

export class KeptOutputs {
  readonly #kept = new Map<string, Kept>();

  /**
   * Calls `use` with the outputs of `parameters` for a block. Computes them unless the last call for this block had the same
   * parameters.
   */
  with<T>(
    { part, index }: BlockPlace,
    parameters: Float32Array,
    compute: () => Float32Array,
    use: (outputs: Float32Array) => T,
  ): T {
    const key = `${part}/${index}`;
    const known = this.#kept.get(key);
    if (known?.parameters === parameters) return use(known.outputs);
    this.#drop(key);
    const outputs = compute();
    if (this.#keep(key, { parameters, outputs })) return use(outputs);
    try {
      return use(outputs);
    } finally {
      release(outputs);
    }
  }

  #keep(key: string, kept: Kept): boolean {
    if (bytesKept + kept.outputs.byteLength > LIMITS.keptOutputBytes) return false;
    this.#kept.set(key, kept);
    bytesKept += kept.outputs.byteLength;
    return true;
  }

  #drop(key: string): void {
    const known = this.#kept.get(key);
    if (!known) return;
    this.#kept.delete(key);
    bytesKept -= known.outputs.byteLength;
    release(known.outputs);
  }

  clear(): void {
    for (const key of [...this.#kept.keys()]) this.#drop(key);
  }
}
