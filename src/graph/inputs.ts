// The inputs of a run: their form, how a large batch is divided, and how they get into the heap.
import type { Bundle, BundleValue } from "../contract/bundle/bundle.ts";
import { type Extent, extentOf, hasTokens, rowsOf, rowsPerInput, widthOf } from "./extent.ts";
import type { Heap } from "./heap.ts";

export interface GraphInputs {
  readonly count: number;
  /** Tokens of each input; empty where the bundle has no tokens. */
  readonly lengths: readonly number[];
  /** Ids, or the numbers of pictures or sounds, of all inputs one after another. */
  readonly values: Int32Array | Float32Array;
}

/** Bytes of activations that a group of inputs may need; a single input may need more. More would not be faster. */
const GROUP_BYTES = 4 * 2 ** 20;

interface Group {
  readonly from: number;
  readonly to: number;
}

/** Groups of neighbouring inputs whose activations are small together. */
export function* groupsOf({ count, lengths }: GraphInputs, bytesFor: (extent: Extent) => number): Generator<Group> {
  const bytes = (from: number, to: number): number => bytesFor(extentOf(to - from, lengths.slice(from, to)));
  for (let from = 0, to = 1; from < count; from = to, to = from + 1) {
    while (to < count && bytes(from, to + 1) <= GROUP_BYTES) to++;
    yield { from, to };
  }
}

/** Refuses inputs that are not of the form that the bundle takes. */
export function checkInputs({ count, lengths, values }: GraphInputs, { shape, type }: BundleValue): void {
  const expected = hasTokens(shape) ? count : 0;
  if (lengths.length !== expected) throw new RangeError(`There are ${lengths.length} lengths for ${count} inputs`);
  for (const length of lengths)
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`An input has ${length} tokens`);
  if (values instanceof Int32Array !== (type === "ids")) throw new TypeError(`The inputs must be ${type}`);
  const numbers = rowsOf(shape, extentOf(count, lengths)) * widthOf(shape);
  if (values.length !== numbers) throw new RangeError(`The inputs have ${values.length} numbers, not ${numbers}`);
}

export interface Place extends Group {
  readonly address: number;
  readonly extent: Extent;
}

/** Copies a group's numbers to its arena. */
export function writeInputs(
  heap: Heap,
  { inputs: [name = ""], values }: Pick<Bundle, "inputs" | "values">,
  { values: numbers, lengths }: GraphInputs,
  { from, address, extent }: Place,
): void {
  const { shape } = values[name] as BundleValue;
  const before = lengths.slice(0, from).reduce((sum, length) => sum + length, 0);
  const first = hasTokens(shape) ? before : from * rowsPerInput(shape) * widthOf(shape);
  const count = rowsOf(shape, extent) * widthOf(shape);
  const own = numbers.subarray(first, first + count);
  heap.write(address, new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
}
