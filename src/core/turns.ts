// Takes turns of the event loop after a counted amount of work, so that other requests can run during long work. Work is
// counted, not timed: deployed clocks stand still during computation.

/** Takes a turn of the event loop. */
export type Turn = () => Promise<void>;

/**
 * PLATFORM: timers let external events in; promises and messages do not. Two timers take the pinned workerd 0.02 ms, and let in
 * as much as one `scheduler.wait(0)`. That call leaves 400 bytes and some wrappers to the next full garbage collection, which
 * would take tens of milliseconds longer after the thousands of turns of a training.
 */
export async function turnLoop(): Promise<void> {
  for (let timers = 0; timers < 2; timers++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
}

export class Turns {
  readonly #perTurn: number;
  readonly #turn: Turn;
  #done = 0;

  /** `perTurn`: work between two turns, in any unit. */
  constructor(perTurn: number, turn: Turn = turnLoop) {
    this.#perTurn = perTurn;
    this.#turn = turn;
  }

  /** Counts finished work, and takes a turn when enough has accumulated. */
  async spend(work: number): Promise<void> {
    this.#done += work;
    if (this.#done >= this.#perTurn) await this.take();
  }

  /** Takes a turn now. */
  async take(): Promise<void> {
    this.#done = 0;
    await this.#turn();
  }
}
