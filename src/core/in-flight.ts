// Counts the predictions, of all tenants, that this isolate is answering. Trainings and uploads on the same thread yield to
// them.
import { type Turn, turnLoop } from "./turns.ts";

export class UnderWay {
  #begun = 0;
  #ended = 0;

  /** Number of predictions started so far. */
  get begun(): number {
    return this.#begun;
  }

  /** Number of predictions ended so far. */
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

/**
 * Extra turns of an upload while predictions are in flight: most predictions need fewer than ten. See `bench:busy -- --beside
 * upload`.
 */
export const EXTRA_TURNS = 12;

/** Takes a turn of the event loop, and more turns while predictions are in flight. Uploads call it between slices. */
export async function turnForPredictions(underWay = predictionsUnderWay, turn: Turn = turnLoop): Promise<void> {
  await turn();
  for (let extra = 0; extra < EXTRA_TURNS && underWay.begun > underWay.ended; extra++) await turn();
}
