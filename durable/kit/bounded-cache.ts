// Keeps what was used last, within a number of bytes. The newest entry stays even when it alone is over.

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

export class BoundedCache<Key, Value> {
  readonly #maxBytes: number;
  readonly #entries = new Map<Key, Entry<Value>>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: Key, load: () => Entry<Value>): Value {
    const entry = this.#entries.get(key) ?? load();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#evict();
    return entry.value;
  }

  clear(): void {
    this.#entries.clear();
  }

  #evict(): void {
    let bytes = [...this.#entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [key, entry] of this.#entries) {
      if (bytes <= this.#maxBytes || this.#entries.size === 1) return;
      this.#entries.delete(key);
      bytes -= entry.bytes;
    }
  }
}
