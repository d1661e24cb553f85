// Caches weights in a Worker, bounded in bytes. Weights never change, so their digest is the key. Tenants share the cache; an
// entry is shared only if its bits are equal.
// PLATFORM: the runtime cancels a request's pending promises when that request ends. So no request waits for another request's
// load: requests that miss at the same time each load the weights.
import type { ServingState } from "../contract/serving-rpc.ts";
import { BoundedCache } from "../core/bounded-cache.ts";
import { LIMITS } from "../core/limits.ts";
import type { MemoryBudget } from "../core/memory-budget.ts";
import { type ReadyHead, readyHead } from "../engine/heads/ready-head.ts";
import type { Scaler } from "../engine/heads/scaler.ts";
import { decodeTrainedHead } from "../engine/heads/trained-head.ts";

export class WeightCache {
  readonly #weights: BoundedCache<string, ReadyHead>;

  /** `memory`: the budget from which trainings and uploads reserve. The cache shrinks while they need the isolate's memory. */
  constructor(memory: MemoryBudget) {
    this.#weights = new BoundedCache(() => replicaBytesBeside(memory.inUse));
    memory.onReserved(() => this.#weights.evict());
  }

  /** The weights of a version, immediately if they are cached. */
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

  /** The scaler of a version's training; null if its weights are not cached. */
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

const replicaBytesBeside = (reservedBytes: number): number =>
  Math.min(LIMITS.replicaBytes, Math.max(LIMITS.leastReplicaBytes, LIMITS.sharedBytes - reservedBytes));

/** The digest, or the version number if the digest is unknown. Deleting a version changes the keys by number. */
function keyOf(head: string, { split, shadow, born, versionsRemoved }: ServingState, version: number): string {
  const ref = split.find((one) => one.version === version) ?? (shadow?.version === version ? shadow : null);
  return ref?.digest ?? `${head}@${born}-${versionsRemoved}#${version}`;
}
