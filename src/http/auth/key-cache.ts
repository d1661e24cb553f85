// Caches looked-up keys by hash, for all requests of this Worker. A fresh entry is used. A stale one is used while it is looked
// up again. For an older one, requests wait for the lookup. Invalid keys are not cached.
import type { Clock } from "../../core/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Wait, waitForRequest } from "../../core/wait-for-request.ts";

interface Cached {
  readonly tenant: string;
  /** `expiresAt` in ms since the epoch */
  readonly key: { readonly expiresAt: number | null };
}

interface Entry<Value> {
  readonly value: Value;
  /** When its lookup began: later revocations are not included. */
  readonly at: number;
}

/** How a request looks up a key, and what may continue after its response. */
export interface KeyLookup<Value> {
  ask(): Promise<Value | null>;
  waitUntil(work: Promise<unknown>): void;
}

export interface KeyCacheOptions {
  readonly now: Clock;
  readonly wait: Wait;
  /** Largest number of keys in the cache. */
  readonly most: number;
}

const FRESH_MS = LIMITS.keyFreshSeconds * 1_000;
const STALE_MS = LIMITS.keyStaleSeconds * 1_000;

export class KeyCache<Value extends Cached> {
  readonly #options: KeyCacheOptions;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #lookups = new Map<string, { readonly at: number }>();

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  /** The caller of the key with this hash, or null. Throws the error of `ask`, unless a usable entry exists. */
  find(hash: string, lookup: KeyLookup<Value>): Value | Promise<Value | null> {
    const entry = this.#entries.get(hash);
    const now = this.#options.now();
    if (!entry || now - entry.at >= STALE_MS || isExpired(entry.value, now)) return this.#join(hash, lookup);
    if (now - entry.at >= FRESH_MS && !this.#looking(hash)) {
      lookup.waitUntil(this.renew(hash, lookup.ask).catch(() => undefined));
    }
    return entry.value;
  }

  /** The caller of the key, or null, always by a new lookup. */
  async renew(hash: string, ask: () => Promise<Value | null>): Promise<Value | null> {
    const lookup = { at: this.#options.now() };
    this.#lookups.set(hash, lookup);
    try {
      const value = await ask();
      if (this.#lookups.get(hash) === lookup) this.#store(hash, value, lookup.at);
      return value;
    } finally {
      if (this.#lookups.get(hash) === lookup) this.#lookups.delete(hash);
    }
  }

  /** Drops the keys of a tenant, and all lookups in progress. */
  forget(tenant: string): void {
    for (const [hash, { value }] of this.#entries) if (value.tenant === tenant) this.#entries.delete(hash);
    this.#lookups.clear();
  }

  /** Waits for another request's lookup of the same key; without one, does its own. */
  async #join(hash: string, { ask, waitUntil }: KeyLookup<Value>): Promise<Value | null> {
    const under = this.#looking(hash);
    if (under) {
      await waitForRequest(() => this.#lookups.get(hash) !== under, this.#options, LIMITS.othersWaitMs);
      const entry = this.#entries.get(hash);
      if (entry && entry.at >= under.at) return entry.value;
    }
    const looked = this.renew(hash, ask);
    waitUntil(looked.catch(() => undefined)); // other requests poll for its end
    return looked;
  }

  /** The lookup in progress; null if it takes so long that its request is probably gone. */
  #looking(hash: string): { readonly at: number } | null {
    const lookup = this.#lookups.get(hash);
    return lookup && this.#options.now() - lookup.at < LIMITS.othersWaitMs ? lookup : null;
  }

  /** Caches a key as the newest; for null, removes it. */
  #store(hash: string, value: Value | null, at: number): void {
    this.#entries.delete(hash);
    if (!value) return;
    this.#entries.set(hash, { value, at });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.most && oldest !== undefined) this.#entries.delete(oldest);
  }
}

const isExpired = ({ key }: Cached, now: number): boolean => key.expiresAt !== null && now >= key.expiresAt;
