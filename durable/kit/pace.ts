// How long a training computes before it lets others in. A prediction takes several turns of the event loop to arrive, be
// answered and go: while they come, a training takes shorter slices, and lets each that it meets go on to its end, or for a
// few turns. Who asks how far a job is can wait.
import { type Turn, turnLoop } from "../../src/core/turns.ts";
import { predictionsUnderWay, type UnderWay } from "../../src/core/under-way.ts";

/** Turns without a prediction after which nobody is waiting. */
const QUIET_TURNS = 200;

/** Turns more, that a training waits for a prediction which is under way; for all that are, four times as many at most. */
const EXTRA_TURNS = 3;

export class Pace {
  readonly #underWay: UnderWay;
  readonly #turnLoop: Turn;
  #asked = 0;
  #seen = 0;
  #quietTurns = QUIET_TURNS;
  #extraTurns = 0;
  /** Predictions that never end. PLATFORM: a request whose client has left may not go on. */
  #lost = 0;

  constructor(underWay: UnderWay = predictionsUnderWay, turn: Turn = turnLoop) {
    this.#underWay = underWay;
    this.#turnLoop = turn;
    this.#seen = underWay.begun;
  }

  /** A prediction was asked for elsewhere. */
  note(): void {
    this.#asked++;
  }

  /** A prediction is asked for here. */
  during<T>(predict: () => Promise<T>): Promise<T> {
    return this.#underWay.during(predict);
  }

  isBusy(): boolean {
    return this.#quietTurns < QUIET_TURNS;
  }

  async turn(): Promise<void> {
    const { begun } = this.#underWay;
    await this.#wait();
    let isMet = this.#underWay.begun > begun; // it may have come and be answered: the answer has still to go
    while ((isMet || this.#isAnyOpen()) && this.#extraTurns > 0) {
      this.#extraTurns--;
      await this.#wait();
      isMet = false;
    }
  }

  async #wait(): Promise<void> {
    await this.#turnLoop();
    this.#look();
  }

  #isAnyOpen(): boolean {
    return this.#underWay.begun - this.#underWay.ended > this.#lost;
  }

  #look(): void {
    const asked = this.#asked + this.#underWay.begun;
    this.#extraTurns = Math.min(4 * EXTRA_TURNS, this.#extraTurns + EXTRA_TURNS * (asked - this.#seen));
    this.#quietTurns = asked === this.#seen ? this.#quietTurns + 1 : 0;
    this.#seen = asked;
    const open = this.#underWay.begun - this.#underWay.ended;
    this.#lost = this.isBusy() ? Math.min(this.#lost, open) : open;
  }
}
