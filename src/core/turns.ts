// Lets other requests run during long work: everything long awaits a `Turns` after a counted amount of work. Work is counted,
// not timed: deployed clocks stand still during computation.

/** Takes a turn of the event loop. */
export type Turn = () => Promise<void>;

/**
 * PLATFORM: waiting for a timer lets the runtime deliver external events; waiting for a promise or a message does not. Two timers
 * take 0.02 ms in the pinned workerd, and let in as many events as one `scheduler.wait(0)`. That call leaves 400 bytes and some
 * wrappers to the next full garbage collection, which would take tens of milliseconds longer after the turns of a training.
 */
export async function turnLoop(): Promise<void> {
  for (let timers = 0; timers < 2; timers++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
}

/**
 * Why work must not continue. `job_queued`: a new job takes precedence. `rows_removed`: rows that the work has listed may have
 * moved. `inputs_pending`: some inputs have no features yet.
 */
export type Interruption = "head_deleted" | "job_ended" | "job_queued" | "rows_removed" | "inputs_pending";

/** Thrown by a turn if the work must not continue. The work must not write anything after it. */
export class Interrupted extends Error {
  readonly reason: Interruption;

  constructor(reason: Interruption) {
    super(reason);
    this.name = "Interrupted";
    this.reason = reason;
  }
}

export const isInterrupted = (error: unknown, ...reasons: readonly Interruption[]): boolean =>
  error instanceof Interrupted && reasons.includes(error.reason);

const mayContinue = (): null => null;

export class Turns {
  readonly #perTurn: number;
  readonly #turn: Turn;
  readonly #stop: () => Interruption | null;
  #done = 0;

  /** `perTurn`: work between two turns, in any unit. `stop` returns why the work must not continue; null: it may continue. */
  constructor(perTurn = 1, turn: Turn = turnLoop, stop: () => Interruption | null = mayContinue) {
    this.#perTurn = perTurn;
    this.#turn = turn;
    this.#stop = stop;
  }

  /** The same turns, with another amount of work between two. */
  per(perTurn: number): Turns {
    return new Turns(perTurn, this.#turn, this.#stop);
  }

  /** The same turns for a part of the work, which `stop` can end too. */
  until(stop: () => Interruption | null): Turns {
    return new Turns(this.#perTurn, this.#turn, () => this.interruption ?? stop());
  }

  /** Counts finished work, and takes a turn when enough has accumulated. */
  async spend(work: number): Promise<void> {
    this.#done += work;
    if (this.#done >= this.#perTurn) await this.take();
  }

  /** Takes a turn now. Throws `Interrupted` if the work must not continue. */
  async take(): Promise<void> {
    this.#done = 0;
    await this.#turn();
    this.check();
  }

  /** Runs all steps of a long loop, with a turn between two. */
  async run<Result>(steps: Generator<void, Result>): Promise<Result> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await this.take();
    }
  }

  get interruption(): Interruption | null {
    return this.#stop();
  }

  /** Call this before a write if the work has waited for anything other than a turn. */
  check(): void {
    const reason = this.interruption;
    if (reason !== null) throw new Interrupted(reason);
  }
}
