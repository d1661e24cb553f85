// Plans the memory of activations: values that are never needed at the same time share a slot.
import type { Size } from "../../contract/bundle/bundle.ts";
import { lastUses } from "./blocks.ts";
import type { Lowered } from "./lower.ts";

export interface Slots {
  readonly ofValue: ReadonlyMap<string, number>;
  /** Bytes of all slots for one input of `tokens` tokens. */
  readonly bytes: number;
}

interface Slot {
  bytes: number;
  /** The place of the last operation that needs its value. */
  busyUntil: number;
}

const BYTES_OF_NUMBER = 4;

export function slotsOf({ operations, inputs, output, values }: Lowered, tokens: number): Slots {
  const uses = lastUses(operations, output);
  const slots: Slot[] = [];
  const ofValue = new Map<string, number>();
  const place = (name: string, at: number): void => {
    const bytes = bytesOf(values.get(name)?.shape ?? [], tokens);
    const free = bestFit(slots, bytes, at) ?? slots.push({ bytes: 0, busyUntil: -1 }) - 1;
    const slot = slots[free] as Slot;
    slot.bytes = Math.max(slot.bytes, bytes);
    slot.busyUntil = uses.get(name) ?? at;
    ofValue.set(name, free);
  };
  for (const name of inputs) place(name, -1);
  operations.forEach((operation, at) => {
    place(operation.output, at);
  });
  return { ofValue, bytes: slots.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The free slot that grows least, and among those the smallest. An operation's output never takes the slot of its input. */
function bestFit(slots: readonly Slot[], bytes: number, at: number): number | undefined {
  const free = [...slots.keys()].filter((slot) => (slots[slot] as Slot).busyUntil < at);
  const growth = (slot: number): number => Math.max(0, bytes - (slots[slot] as Slot).bytes);
  return free.sort((a, b) => growth(a) - growth(b) || (slots[a] as Slot).bytes - (slots[b] as Slot).bytes)[0];
}

export const bytesOf = (shape: readonly Size[], tokens: number): number =>
  shape.reduce<number>((bytes, size) => {
    if (size === "batch") return bytes;
    return bytes * (size === "tokens" ? tokens : size);
  }, BYTES_OF_NUMBER);
