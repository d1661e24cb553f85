// How long a training computes before it lets others in. A prediction takes several turns of the event loop to arrive, be
// answered and go: while they come, a training takes shorter slices. Who asks how far a job is can wait.

/** Turns without a prediction after which nobody is waiting. */
const QUIET_TURNS = 200;

export class Pace {
  #asked = 0;
  #seen = 0;
  #quietTurns = QUIET_TURNS;

  /** A prediction is asked for. */
  note(): void {
    this.#asked++;
  }

  isBusy(): boolean {
    return this.#quietTurns < QUIET_TURNS;
  }

  /** PLATFORM: `scheduler.wait(0)` lets events of the outside in, at about a millisecond; promises and messages do not. */
  async turn(): Promise<void> {
    await scheduler.wait(0);
    this.#quietTurns = this.#asked === this.#seen ? this.#quietTurns + 1 : 0;
    this.#seen = this.#asked;
  }
}
