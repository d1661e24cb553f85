// A bench: a runtime of its own that holds one feature set and runs operations on it, told with the memory they took. One
// set per process, since a WASM heap never shrinks: the next set's peak would be this one's.
import type { SetPart } from "../object/stored-set.ts";
import { blocksOf, type FeatureSet } from "./feature-set.ts";
import { residentBytes, watchingPeak } from "./resident.ts";
import { type Runtime, startRuntime } from "./runtime.ts";

export interface Ran<T> {
  readonly result: T;
  /** Of the WASM heap, after the operation. */
  readonly heapBytes: number;
  /** Of the whole workerd process, during the operation. */
  readonly peakBytes: number | null;
}

export interface Bench {
  /** Begins a process of its own over what is stored, and tells its resident size before it has done anything. */
  fresh(): Promise<number | null>;
  run<T>(op: string, params?: object): Promise<Ran<T>>;
  stop(): Promise<void>;
}

/** Resolves once the object holds all rows of `set`; it holds none where that is null. */
export async function startBench(set: FeatureSet | null): Promise<Bench> {
  let runtime = await startRuntime();
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
  const body = JSON.stringify({ ...params, op });
  const { result, peakBytes } = await watchingPeak(runtime.pid, () => runtime.send("POST", "/run", body));
  const answer = result as { result: T; heap_bytes: number };
  return { result: answer.result, heapBytes: answer.heap_bytes, peakBytes };
}
