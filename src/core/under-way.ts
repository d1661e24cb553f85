// Predictions that this isolate is answering: what a training on the same thread leaves room for. A count of all tenants'.
import { type Turn, turnLoop } from "./turns.ts";

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

/** Further turns that an upload gives to predictions under way: most need fewer than ten to end. `bench:busy -- --beside upload` shows it. */
export const EXTRA_TURNS = 12;

/** A turn of the event loop, and a few more while predictions are under way: what an upload takes between its slices. */
export async function turnForPredictions(underWay = predictionsUnderWay, turn: Turn = turnLoop): Promise<void> {
  await turn();
  for (let extra = 0; extra < EXTRA_TURNS && underWay.begun > underWay.ended; extra++) await turn();
}
