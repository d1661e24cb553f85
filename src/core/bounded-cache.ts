// A cache of the most recently used entries, bounded by bytes. The newest entry stays even if it alone exceeds the bound.

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

export class BoundedCache<Key, Value> {
  readonly #maxBytes: () => number;
  readonly #entries = new Map<Key, Entry<Value>>();
  #bytes = 0;
  #newest: Key | undefined;

  /** `maxBytes` is called for each new entry, because the bound may change. */
  constructor(maxBytes: () => number) {
    this.#maxBytes = maxBytes;
  }

  get(key: Key, load: () => Entry<Value>): Value {
    const kept = this.peek(key);
    if (kept !== undefined) return kept;
    const entry = load();
    this.#entries.set(key, entry);
    this.#newest = key;
    this.#bytes += entry.bytes;
    this.evict();
    return entry.value;
  }

  /** The value under `key`; counts as a use. */
  peek(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (key !== this.#newest) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      this.#newest = key;
    }
    return entry.value;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Drops the least recently used entries beyond the bound. */
  evict(): void {
    const maxBytes = this.#maxBytes();
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= maxBytes || this.#entries.size === 1) return;
      this.#entries.delete(key);
      this.#bytes -= entry.bytes;
    }
  }
}
