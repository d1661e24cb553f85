// Predictions that this isolate is answering: what a training on the same thread leaves room for. A count of all tenants'.

export class UnderWay {
  #begun = 0;
  #ended = 0;

  /** How many have begun so far. */
  get begun(): number {
    return this.#begun;
  }

  /** How many have ended so far. */
  get ended(): number {
    return this.#ended;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#begun++;
    try {
      return await work();
    } finally {
      this.#ended++;
    }
  }
}

export const predictionsUnderWay = new UnderWay();
