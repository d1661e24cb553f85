// Weights that a Worker holds ready: they never change, so they are keyed by digest, bounded in bytes, and never asked for
// twice. Tenants share the cache, never an entry that is not the same to the bit.
import type { ServingState } from "../contract/serving-rpc.ts";
import { BoundedCache } from "../core/bounded-cache.ts";
import { LIMITS } from "../core/limits.ts";
import { type ReadyHead, readyHead } from "../engine/heads/ready-head.ts";
import type { Scaler } from "../engine/heads/scaler.ts";
import { decodeTrainedHead } from "../engine/heads/trained-head.ts";

export class WeightCache {
  readonly #weights = new BoundedCache<string, ReadyHead>(LIMITS.replicaBytes);

  /** The weights of a version: at once where they are here. */
  of(
    head: string,
    state: ServingState,
    version: number,
    ask: () => Promise<Uint8Array>,
  ): ReadyHead | Promise<ReadyHead> {
    return this.peek(head, state, version) ?? this.#load(keyOf(head, state, version), ask);
  }

  peek(head: string, state: ServingState, version: number): ReadyHead | undefined {
    return this.#weights.peek(keyOf(head, state, version));
  }

  /** What features of a version's training are measured by; null where its weights are not here. */
  scalerOf(head: string, state: ServingState, version: number): Scaler | null {
    return this.peek(head, state, version)?.trained.scaler ?? null;
  }

  async #load(key: string, ask: () => Promise<Uint8Array>): Promise<ReadyHead> {
    const value = readyHead(decodeTrainedHead(await ask()));
    return this.#weights.get(key, () => ({ value, bytes: value.bytes }));
  }

  get bytes(): number {
    return this.#weights.bytes;
  }
}

/** By its digest; by its number where only that is known. Deleting a version changes the keys by number. */
function keyOf(head: string, { split, shadow, born, versionsRemoved }: ServingState, version: number): string {
  const ref = split.find((one) => one.version === version) ?? (shadow?.version === version ? shadow : null);
  return ref?.digest ?? `${head}@${born}-${versionsRemoved}#${version}`;
}
