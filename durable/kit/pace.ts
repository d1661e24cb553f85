// Decides how a training yields to predictions. A prediction needs several turns of the event loop to arrive and to be answered.
// While predictions arrive, a training runs shorter slices and gives each open prediction a few extra turns. Other requests, such
// as a job's status, get no extra turns.
import { predictionsUnderWay, type UnderWay } from "../../src/core/in-flight.ts";
import { type Interruption, type Turn, Turns, turnLoop } from "../../src/core/turns.ts";

/** After this many turns without a prediction, no more predictions are expected for now. */
const QUIET_TURNS = 200;

/** Extra turns that a training waits for each open prediction. For all of them together, it waits at most four times as many. */
const EXTRA_TURNS = 3;

export class Pace {
  readonly #underWay: UnderWay;
  readonly #turnLoop: Turn;
  #asked = 0;
  #seen = 0;
  #quietTurns = QUIET_TURNS;
  #extraTurns = 0;
  /** Predictions that never end. PLATFORM: the runtime may stop a request whose client has disconnected. */
  #lost = 0;

  constructor(underWay: UnderWay = predictionsUnderWay, turn: Turn = turnLoop) {
    this.#underWay = underWay;
    this.#turnLoop = turn;
    this.#seen = underWay.begun;
  }

  /** Notes a prediction that another isolate answers. */
  note(): void {
    this.#asked++;
  }

  /** Counts a prediction in this isolate as open while `predict` runs. */
  during<T>(predict: () => Promise<T>): Promise<T> {
    return this.#underWay.during(predict);
  }

  /** Turns that let predictions run. `stop` returns why the work must end; null: it may continue. */
  turns(stop: () => Interruption | null): Turns {
    return new Turns(1, () => this.turn(), stop);
  }

  isBusy(): boolean {
    return this.#quietTurns < QUIET_TURNS;
  }

  async turn(): Promise<void> {
    const { begun } = this.#underWay;
    await this.#wait();
    let isMet = this.#underWay.begun > begun; // it may be answered already, but the response has not left yet
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
