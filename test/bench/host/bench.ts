// A bench: its own runtime, which contains one feature set and runs operations on it, reported with their memory. One set per
// process: a WASM heap never shrinks, so the next set's peak would include this one's.
import type { SetPart } from "../object/stored-set.ts";
import { BENCH_WORKER } from "./bundle.ts";
import { blocksOf, type FeatureSet } from "./feature-set.ts";
import { watchingIsolate } from "./isolate.ts";
import { residentBytes, watchingPeak } from "./resident.ts";
import { type Runtime, startRuntime } from "./runtime.ts";

export interface Ran<T> {
  readonly result: T;
  /** Bytes of the WASM heap, after the operation. */
  readonly heapBytes: number;
  /** Bytes of the whole workerd process, during the operation. */
  readonly peakBytes: number | null;
  /** Objects and buffers of the isolate during the operation, minus those before; null without an inspector. */
  readonly isolateBytes: number | null;
}

export interface Bench {
  /** Starts a new process on the same storage, and returns its resident size before any work. */
  fresh(): Promise<number | null>;
  run<T>(op: string, params?: object): Promise<Ran<T>>;
  stop(): Promise<void>;
}

/** Resolves once the object stores all rows of `set`, or none for null. `isInspected`: enables the inspector of the isolate. */
export async function startBench(set: FeatureSet | null, isInspected = false): Promise<Bench> {
  let runtime = await startRuntime(BENCH_WORKER, isInspected);
  try {
    if (set) await load(runtime, set);
  } catch (error) {
    await runtime.stop();
    throw error;
  }
  const fresh = async () => {
    runtime = await runtime.restart();
    return residentBytes(runtime.pid);
  };
  return { fresh, run: (op, params) => run(runtime, op, params), stop: () => runtime.stop() };
}

async function load(runtime: Runtime, set: FeatureSet): Promise<void> {
  const { name, dims, classes } = set;
  await runtime.send("PUT", "/meta", JSON.stringify({ name, dims, classes }));
  for (const part of ["train", "test"] satisfies SetPart[]) {
    let number = 0;
    for (const { rows, bytes } of blocksOf(set, part))
      await runtime.send("PUT", `/blocks/${part}/${number++}?rows=${rows}`, bytes);
  }
}

async function run<T>(runtime: Runtime, op: string, params: object = {}): Promise<Ran<T>> {
  const { pid, inspectorPort } = runtime;
  const send = () => runtime.send("POST", "/run", JSON.stringify({ ...params, op, isWatched: inspectorPort !== null }));
  const work = async () =>
    inspectorPort === null ? { result: await send(), isolateBytes: null } : await watchingIsolate(inspectorPort, send);
  const { result: watched, peakBytes } = await watchingPeak(pid, work);
  const answer = watched.result as { result: T; heap_bytes: number };
  const { isolateBytes } = watched;
  return { result: answer.result, heapBytes: answer.heap_bytes, peakBytes, isolateBytes };
}
