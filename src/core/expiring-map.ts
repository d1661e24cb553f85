// A map of limited size whose values expire at given times. The oldest are removed first.

interface Entry<Value> {
  readonly value: Value;
  /** ms since the epoch. */
  readonly until: number;
}

export class ExpiringMap<Value> {
  readonly #most: number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string, now: number): Value | undefined {
    const entry = this.#entries.get(name);
    return entry && now < entry.until ? entry.value : undefined;
  }

  set(name: string, value: Value, until: number): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, until });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }
}
