// Predictions at a constant rate, independent of their latency: the load of a bench during other work.
import { pause } from "../../support/pause.ts";

const PER_SECOND = 50;

/** Milliseconds of each prediction, until `isOver`. */
export async function latencies(predict: () => Promise<unknown>, isOver: () => boolean): Promise<number[]> {
  const taken: Promise<number>[] = [];
  for (let next = performance.now(); !isOver(); next += 1_000 / PER_SECOND) {
    const started = performance.now();
    taken.push(predict().then(() => performance.now() - started));
    await pause(Math.max(0, next + 1_000 / PER_SECOND - performance.now()));
  }
  return Promise.all(taken);
}

export function after(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1e3;
  return () => performance.now() >= end;
}
