// Runs the steps of a plan in an arena, in turns with everything else.

import type { Turns } from "../core/turns.ts";
import { WORK } from "../core/work.ts";
import { aligned, bytesOf, type Extent } from "./extent.ts";
import type { Heap } from "./heap.ts";
import type { Step } from "./load/operations.ts";
import type { Plan, PlannedValue } from "./load/taps.ts";

/** Where the values of a run are, relative to its arena. */
export interface Layout {
  /** By slot. */
  readonly slots: ReadonlyMap<number, number>;
  readonly scratch: number;
  readonly bytes: number;
}

export function layOut({ steps, values }: Plan, inputs: readonly string[], extent: Extent): Layout {
  const sizes = new Map<number, number>();
  for (const name of [...inputs, ...steps.map(({ output }) => output)]) {
    const { shape, slot } = values.get(name) as PlannedValue;
    sizes.set(slot, Math.max(sizes.get(slot) ?? 0, bytesOf(shape, extent)));
  }
  const slots = new Map<number, number>();
  let at = 0;
  for (const [slot, bytes] of sizes) {
    slots.set(slot, at);
    at += bytes;
  }
  const scratch = steps.reduce((most, { spec, node }) => Math.max(most, spec.scratch(node, extent)), 0);
  return { slots, scratch: at, bytes: aligned(at + scratch) };
}

export const addressIn =
  ({ values }: Plan, { slots }: Layout, arena: number) =>
  (name: string): number =>
    arena + (slots.get((values.get(name) as PlannedValue).slot) as number);

export interface Running {
  readonly heap: Heap;
  readonly extent: Extent;
  readonly addressOf: (value: string) => number;
  readonly scratch: number;
  /** Called after every turn. */
  readonly resume: () => void;
}

export async function runSteps(steps: readonly Step[], running: Running, turns: Turns | undefined): Promise<void> {
  let done = 0;
  for (const step of steps) {
    for (const work of forward(step, running)) {
      done += work;
      if (done < WORK.perGraphTurn || !turns) continue;
      await turns.take();
      running.resume();
      done = 0;
    }
  }
}

const forward = ({ spec, node, inputs, output }: Step, { heap, extent, addressOf, scratch }: Running) =>
  spec.forward(node, { heap, extent, inputs: inputs.map(addressOf), output: addressOf(output), scratch });
