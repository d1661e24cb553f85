// What a Worker knows of heads so that it can answer without their objects: what is live, a moment old at most. Shared by all
// tenants of the isolate, so keyed by head, and bounded.
import type { HeadRpc } from "../contract/rpc.ts";
import type { ServingState } from "../contract/serving-rpc.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { othersEnd } from "../core/others.ts";
import { Fault, type Outcome, unwrap } from "../core/problems.ts";

export interface PointerOptions {
  /** The oldest that an answer may be, while the object can be reached. Refreshing begins at half of it. */
  readonly maxAgeMs: number;
  readonly now: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Known {
  readonly state: ServingState;
  /** The object could not be reached in time: this is what was known last. */
  readonly stale: boolean;
}

interface Entry {
  state: ServingState | null;
  /** What it was read from; told the same, it is not read again. */
  told: string;
  /** When it was asked for what it holds. */
  askedAt: number;
  /** When the refresh under way began; 0: none is. PLATFORM: one that lost its request never ends. */
  refreshingSince: number;
}

/** How a request asks the head's object, and what may go on after its answer. */
export interface Asking {
  ask(): ReturnType<HeadRpc["serving"]>;
  waitUntil(work: Promise<unknown>): void;
}

export class Pointers {
  readonly #options: PointerOptions;
  readonly #entries = new Map<string, Entry>();
  /** Where nothing has to move: most requests are for the head of the one before. */
  #newest = "";

  constructor(options: PointerOptions) {
    this.#options = options;
  }

  /** What is live of `head`: at once while it is new. Fails as `ask` does when nothing is known yet, and when the head is gone. */
  known(head: string, asking: Asking): Known | Promise<Known> {
    const entry = this.#entryOf(head);
    const { maxAgeMs, now } = this.#options;
    const { state } = entry;
    const age = now() - entry.askedAt;
    return state && age < maxAgeMs / 2 ? { state, stale: false } : this.#asked(head, entry, age, asking);
  }

  /** What is live of `head` now, by its object. Fails as `ask` does. */
  async confirmed(head: string, asking: Asking): Promise<Known> {
    return { state: await this.#ask(head, this.#entryOf(head), asking), stale: false };
  }

  async #asked(head: string, entry: Entry, age: number, asking: Asking): Promise<Known> {
    const { maxAgeMs } = this.#options;
    const { state } = entry;
    if (!state) return { state: await this.#ask(head, entry, asking), stale: false };
    const refresh = this.#isRefreshing(entry) ? null : this.#ask(head, entry, asking);
    if (refresh !== null) asking.waitUntil(refresh.catch(() => undefined));
    if (age < maxAgeMs) return { state, stale: false };
    return this.#fresh(entry, state, refresh);
  }

  #isRefreshing({ refreshingSince }: Entry): boolean {
    return this.#options.now() - refreshingSince < LIMITS.replicaWaitMs;
  }

  /** The refreshed state; or the one before where that takes too long, fails, or is another request's to wait for. */
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

  /** What another request comes to; null where it takes too long, or fails. */
  async #others(entry: Entry, askedAt: number): Promise<ServingState | null> {
    const hasEnded = (): boolean => entry.askedAt !== askedAt || !this.#isRefreshing(entry);
    await othersEnd(hasEnded, this.#options, LIMITS.replicaWaitMs);
    return entry.askedAt === askedAt ? null : entry.state;
  }

  async #ask(head: string, entry: Entry, { ask }: Asking): Promise<ServingState> {
    const askedAt = this.#options.now();
    entry.refreshingSince = askedAt;
    try {
      const told = await ask();
      const state =
        told === entry.told && entry.state ? entry.state : unwrap(JSON.parse(told) as Outcome<ServingState>);
      if (askedAt >= entry.askedAt) Object.assign(entry, { state, told, askedAt }); // a slower one must not overtake it
      return state;
    } catch (error) {
      if (error instanceof Fault && this.#entries.get(head) === entry) this.#entries.delete(head);
      throw error;
    } finally {
      if (entry.refreshingSince === askedAt) entry.refreshingSince = 0;
    }
  }

  /** The entry of a head, as the one used last. */
  #entryOf(head: string): Entry {
    const known = this.#entries.get(head);
    if (known && head === this.#newest) return known;
    const entry = known ?? { state: null, told: "", askedAt: 0, refreshingSince: 0 };
    this.#entries.delete(head);
    this.#entries.set(head, entry);
    this.#newest = head;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= LIMITS.replicaHeads) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** What this Worker changed itself is asked for anew. */
  forget(head: string): void {
    this.#entries.delete(head);
  }
}
