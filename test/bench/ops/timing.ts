// Clocks inside the runtime. In a local workerd they move during computation, in steps of a millisecond, though not on the
// deployed platform: short work is therefore measured many runs at a time.

/** A measurement is this long at least: steps of the clock are then 1 % of it. */
const MEASUREMENT_MS = 100;

export interface Timed<T> {
  readonly ms: number;
  readonly result: T;
}

export async function timed<T>(work: () => T | Promise<T>): Promise<Timed<T>> {
  const started = performance.now();
  const result = await work();
  return { ms: performance.now() - started, result };
}

/** Milliseconds of one run, measured `repetitions` times after a warm-up, and what the last run returned. */
export function repeated<T>(repetitions: number, work: () => T): { ms: number[]; result: T } {
  let { result } = run(1, work); // the first run allocates
  const runs = runsPerMeasurement(work);
  const ms: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const measured = run(runs, work);
    result = measured.result;
    ms.push(measured.ms / runs);
  }
  return { ms, result };
}

/** Warms up as well: it doubles the runs until they take long enough. */
function runsPerMeasurement(work: () => unknown): number {
  for (let runs = 1; ; runs *= 2) {
    const { ms } = run(runs, work);
    if (ms >= MEASUREMENT_MS / 2) return Math.max(1, Math.ceil((runs * MEASUREMENT_MS) / ms));
  }
}

function run<T>(times: number, work: () => T): Timed<T> {
  const started = performance.now();
  let result = work();
  for (let i = 1; i < times; i++) result = work();
  return { ms: performance.now() - started, result };
}
