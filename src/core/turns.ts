// Turns of the event loop, taken after a counted amount of work: how everything long lets other requests in. Work is counted,
// never timed: deployed clocks stand still during computation.

/** Gives the event loop a turn. */
export type Turn = () => Promise<void>;

/**
 * PLATFORM: timers let events of the outside in; promises and messages do not. Two take the workerd pinned 0.02 ms, and let in
 * as much as one `scheduler.wait(0)`, which leaves 400 bytes and some wrappers to the next collection of everything: of the
 * thousands of turns of a training, that one would take tens of milliseconds longer.
 */
export async function turnLoop(): Promise<void> {
  for (let timers = 0; timers < 2; timers++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
}

export class Turns {
  readonly #perTurn: number;
  readonly #turn: Turn;
  #done = 0;

  /** `perTurn`: the work after which others have a turn, in the unit that it is counted in. */
  constructor(perTurn: number, turn: Turn = turnLoop) {
    this.#perTurn = perTurn;
    this.#turn = turn;
  }

  /** Counts work that was done, and takes a turn where it is time for one. */
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
