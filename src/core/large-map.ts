// A map of many entries. A JavaScript map copies all its entries at once when it grows, which takes some 30 ms for 200,000. This
// one consists of many small maps.

const PARTS = 64;

export class LargeMap<Key extends number | string, Value> {
  readonly #parts = Array.from({ length: PARTS }, () => new Map<Key, Value>());

  get(key: Key): Value | undefined {
    return this.#partOf(key).get(key);
  }

  has(key: Key): boolean {
    return this.#partOf(key).has(key);
  }

  set(key: Key, value: Value): void {
    this.#partOf(key).set(key, value);
  }

  /** Spreads whole numbers and hexadecimal texts evenly. */
  #partOf(key: Key): Map<Key, Value> {
    const number = typeof key === "number" ? key : 16 * key.charCodeAt(0) + key.charCodeAt(1);
    return this.#parts[Math.abs(number % PARTS)] as Map<Key, Value>;
  }
}
