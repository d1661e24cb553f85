// Caches what a Worker needs to answer without the heads' objects: the live version, known for a short time. Shared by all
// tenants of the isolate, keyed by head, and bounded.
import type { HeadRpc } from "../contract/rpc.ts";
import type { ServingState } from "../contract/serving-rpc.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { Fault, type Outcome, unwrap } from "../core/problems.ts";
import { waitForRequest } from "../core/wait-for-request.ts";

export interface PointerOptions {
  /** Largest age of a cached state while the object is reachable. A refresh begins at half of this age. */
  readonly maxAgeMs: number;
  readonly now: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Known {
  readonly state: ServingState;
  /** Whether the object could not be reached in time, so that this is the last known state. */
  readonly stale: boolean;
}

interface Entry {
  state: ServingState | null;
  /** The text that the state was parsed from. The same text is not parsed again. */
  text: string;
  /** When the current state was requested. */
  askedAt: number;
  /** When the refresh in progress began; 0 if none is. PLATFORM: a refresh never ends if the runtime cancels its request. */
  refreshingSince: number;
}

/** How a request calls the head's object, and what may continue after its response. */
export interface StateLookup {
  ask(): ReturnType<HeadRpc["serving"]>;
  waitUntil(work: Promise<unknown>): void;
}

export class Pointers {
  readonly #options: PointerOptions;
  readonly #entries = new Map<string, Entry>();
  /** The key at the end of the map. Most requests are for the same head as the one before, and then nothing has to move. */
  #newest = "";

  constructor(options: PointerOptions) {
    this.#options = options;
  }

  /**
   * The live state of `head`, immediately while it is fresh. Fails as `ask` does if nothing is known yet, or if the head is
   * deleted.
   */
  known(head: string, lookup: StateLookup): Known | Promise<Known> {
    const entry = this.#entryOf(head);
    const { maxAgeMs, now } = this.#options;
    const { state } = entry;
    const age = now() - entry.askedAt;
    return state && age < maxAgeMs / 2 ? { state, stale: false } : this.#asked(head, entry, age, lookup);
  }

  /** The live state of `head` from its object. Fails as `ask` does. */
  async confirmed(head: string, lookup: StateLookup): Promise<Known> {
    return { state: await this.#ask(head, this.#entryOf(head), lookup), stale: false };
  }

  async #asked(head: string, entry: Entry, age: number, lookup: StateLookup): Promise<Known> {
    const { maxAgeMs } = this.#options;
    const { state } = entry;
    if (!state) return { state: await this.#ask(head, entry, lookup), stale: false };
    const refresh = this.#isRefreshing(entry) ? null : this.#ask(head, entry, lookup);
    if (refresh !== null) lookup.waitUntil(refresh.catch(() => undefined));
    if (age < maxAgeMs) return { state, stale: false };
    return this.#fresh(entry, state, refresh);
  }

  #isRefreshing({ refreshingSince }: Entry): boolean {
    return this.#options.now() - refreshingSince < LIMITS.replicaWaitMs;
  }

  /** The refreshed state; or the old one if the refresh takes too long, fails, or belongs to another request. */
  async #fresh(entry: Entry, before: ServingState, refresh: Promise<ServingState> | null): Promise<Known> {
    const { askedAt } = entry;
    const late = this.#options.wait(LIMITS.replicaWaitMs).then(() => null);
    try {
      const state = await Promise.race([refresh ?? this.#others(entry, askedAt), late]);
      return state ? { state, stale: false } : { state: before, stale: true };
    } catch (error) {
      if (error instanceof Fault) throw error;
      return { state: before, stale: true };
    }
  }

  /** The result of another request's refresh; null if it takes too long or fails. */
  async #others(entry: Entry, askedAt: number): Promise<ServingState | null> {
    const hasEnded = (): boolean => entry.askedAt !== askedAt || !this.#isRefreshing(entry);
    await waitForRequest(hasEnded, this.#options, LIMITS.replicaWaitMs);
    return entry.askedAt === askedAt ? null : entry.state;
  }

  async #ask(head: string, entry: Entry, { ask }: StateLookup): Promise<ServingState> {
    const askedAt = this.#options.now();
    entry.refreshingSince = askedAt;
    try {
      const text = await ask();
      const state =
        text === entry.text && entry.state ? entry.state : unwrap(JSON.parse(text) as Outcome<ServingState>);
      if (askedAt >= entry.askedAt) Object.assign(entry, { state, text, askedAt }); // a slow, older request must not replace a newer state
      return state;
    } catch (error) {
      if (error instanceof Fault && this.#entries.get(head) === entry) this.#entries.delete(head);
      throw error;
    } finally {
      if (entry.refreshingSince === askedAt) entry.refreshingSince = 0;
    }
  }

  /** The entry of a head, moved to the end as the most recently used. */
  #entryOf(head: string): Entry {
    const known = this.#entries.get(head);
    if (known && head === this.#newest) return known;
    const entry = known ?? { state: null, text: "", askedAt: 0, refreshingSince: 0 };
    this.#entries.delete(head);
    this.#entries.set(head, entry);
    this.#newest = head;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= LIMITS.replicaHeads) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** Called after this Worker changed a head, so that its state is loaded again. */
  forget(head: string): void {
    this.#entries.delete(head);
  }
}
