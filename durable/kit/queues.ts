// A queue of work for each name: new work on a name starts after all earlier work on it has ended.

export class Queues {
  readonly #last = new Map<string, Promise<unknown>>();
  #refusal: (() => Error) | null = null;

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#refusal) throw this.#refusal();
    const before = this.#last.get(name) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#last.set(name, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(name) === own) this.#last.delete(name);
    }
  }

  /** Resolves once all earlier work has ended. Later work is refused. */
  async close(refusal: () => Error): Promise<void> {
    this.#refusal = refusal;
    await Promise.allSettled(this.#last.values());
  }
}
