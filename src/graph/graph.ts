// A loaded bundle: runs its graph on inputs, and returns the features of its taps. An input has the same bits in every batch.
import type { Bundle, BundleTap, BundleValue } from "../contract/bundle/bundle.ts";
import type { Clock } from "../core/clock.ts";
import type { MemoryBudget, Reservation } from "../core/memory-budget.ts";
import { type Turns, turnLoop } from "../core/turns.ts";
import { type Arena, Arenas } from "./arenas.ts";
import { type Extent, extentOf } from "./extent.ts";
import type { Heap } from "./heap.ts";
import { checkInputs, type GraphInputs, groupsOf, writeInputs } from "./inputs.ts";
import type { Step } from "./load/operations.ts";
import { type Plan, planTaps } from "./load/taps.ts";
import { addressIn, layOut, runSteps } from "./run.ts";

/** Bytes of the arenas of all runs at once. A run waits for others beyond it. */
const MOST_ARENA_BYTES = 16 * 2 ** 20;

/** The features of each tap, [inputs][dimension]. */
export type Features = Readonly<Record<string, Float32Array>>;

export interface GraphParts {
  readonly bundle: Bundle;
  readonly heap: Heap;
  readonly steps: readonly Step[];
  /** The first address after the weights. */
  readonly end: number;
  readonly memory: MemoryBudget;
  readonly now: Clock;
}

export class Graph {
  readonly #parts: GraphParts;
  readonly #arenas: Arenas;
  #reservation: Reservation | null;
  #reservedBytes: number;

  constructor(parts: GraphParts) {
    this.#parts = parts;
    this.#arenas = new Arenas(parts.end, MOST_ARENA_BYTES, parts.now);
    this.#reservedBytes = parts.heap.bytes;
    this.#reservation = parts.memory.keep(this.#reservedBytes);
  }

  /** Bytes of its memory: weights, and the most that runs have needed at once. */
  get heapBytes(): number {
    return this.#parts.heap.bytes;
  }

  /** The features of `inputs` at the taps with these names. Large batches run in groups. Without `turns`, it lets nothing else in. */
  async run(inputs: GraphInputs, taps: readonly string[], turns?: Turns): Promise<Features> {
    const { bundle, steps } = this.#parts;
    const wanted = taps.map((name) => this.#tapNamed(name));
    checkInputs(inputs, bundle.values[bundle.inputs[0] as string] as BundleValue);
    const plan = planTaps(bundle.values, steps, wanted);
    const features = wanted.map(({ dimension }) => new Float32Array(inputs.count * dimension));
    const bytesFor = (extent: Extent): number => layOut(plan, bundle.inputs, extent).bytes;
    for (const { from, to } of groupsOf(inputs, bytesFor)) {
      const parts = await this.#runGroup(inputs, { from, to }, plan, turns);
      for (const [at, { dimension }] of wanted.entries())
        features[at]?.set(parts[at] as Float32Array, from * dimension);
    }
    return Object.fromEntries(taps.map((name, at) => [name, features[at] as Float32Array]));
  }

  /** The work of a run, in the unit of `WORK.perGraphTurn`. */
  cost(lengths: readonly number[], count: number, taps: readonly string[]): number {
    const { bundle, steps } = this.#parts;
    const plan = planTaps(
      bundle.values,
      steps,
      taps.map((name) => this.#tapNamed(name)),
    );
    const extent = extentOf(count, lengths);
    return plan.steps.reduce((sum, { spec, node }) => sum + spec.cost(node, extent), 0);
  }

  /** Gives its memory back; it is free once the runs in progress have ended. */
  dispose(): void {
    this.#reservation?.release();
    this.#reservation = null;
  }

  #tapNamed(name: string): BundleTap {
    const tap = this.#parts.bundle.taps.find((one) => one.name === name);
    if (!tap) throw new Error(`The bundle has no tap "${name}"`);
    return tap;
  }

  async #runGroup(
    inputs: GraphInputs,
    { from, to }: { readonly from: number; readonly to: number },
    plan: Plan,
    turns: Turns | undefined,
  ): Promise<Float32Array[]> {
    const { heap, bundle } = this.#parts;
    const extent = extentOf(to - from, inputs.lengths.slice(from, to));
    const layout = layOut(plan, bundle.inputs, extent);
    const arena = await this.#claim(layout.bytes);
    try {
      const addressOf = addressIn(plan, layout, arena.address);
      writeInputs(heap, bundle, inputs, { from, to, address: addressOf(bundle.inputs[0] as string), extent });
      const scratch = arena.address + layout.scratch;
      const running = { heap, extent, addressOf, scratch, resume: () => arena.touch() };
      await runSteps(plan.steps, running, turns);
      return plan.outputs.map((name) => this.#read(plan, name, addressOf(name), extent));
    } finally {
      arena.release();
    }
  }

  #read({ values }: Plan, name: string, address: number, { batch }: Extent): Float32Array {
    const dimension = values.get(name)?.shape[1] as number;
    return this.#parts.heap.floats(address, batch * dimension).slice();
  }

  /** PLATFORM: another run may be gone with its request, so this polls until its arena is free or has expired. */
  async #claim(bytes: number): Promise<Arena> {
    const { end, memory } = this.#parts;
    if (end + bytes > memory.capacity)
      throw new RangeError(`An input needs ${bytes} bytes beside the model, which are not there`);
    for (;;) {
      const arena = this.#arenas.claim(bytes);
      if (!arena) {
        await turnLoop();
        continue;
      }
      this.#parts.heap.growTo(this.#arenas.end);
      this.#reserve();
      return arena;
    }
  }

  /** Declares its whole memory, unless it was disposed of. */
  #reserve(): void {
    if (!this.#reservation || this.#reservedBytes === this.heapBytes) return;
    this.#reservedBytes = this.heapBytes;
    this.#reservation.release();
    this.#reservation = this.#parts.memory.keep(this.#reservedBytes);
  }
}
