// Clocks inside the runtime. In a local workerd they advance during computation, in steps of a millisecond, but not on the
// deployed platform. Short work is therefore measured over many runs.

/** The minimum length of a measurement, of which a step of the clock is 1 %. */
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

/** Milliseconds of one run, measured `repetitions` times after a warm-up, and the result of the last run. */
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

/** Doubles the number of runs until they take long enough, which also warms up the runtime. */
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
