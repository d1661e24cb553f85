// Runs one operation of the graph runtime on its own, in a memory whose other bytes are known.
import { encodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { floats } from "../../src/compile/tensor.ts";
import type { WeightFormat } from "../../src/contract/bundle/bundle.ts";
import type { OperationAttributes, OperationName } from "../../src/contract/bundle/operations.ts";
import {
  aligned,
  bytesOf,
  type Extent,
  extentOf,
  hasTokens,
  rowsOf,
  type Shape,
  widthOf,
} from "../../src/graph/extent.ts";
import { Heap } from "../../src/graph/heap.ts";
import { kernelModule } from "../../src/graph/kernels/module.ts";
import type { Node, PlacedWeight } from "../../src/graph/operations/operation.ts";
import { operationNamed } from "../../src/graph/operations/registry.ts";

export interface GivenInput {
  readonly shape: Shape;
  readonly values: Float32Array | Int32Array;
}

export interface GivenWeight {
  readonly format: WeightFormat;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** An operation with its inputs and weights. */
export interface Case<Name extends OperationName = OperationName> {
  readonly op: Name;
  readonly attributes: OperationAttributes[Name];
  readonly batch: number;
  /** Tokens of each input; empty for images. */
  readonly lengths: readonly number[];
  readonly inputs: readonly GivenInput[];
  readonly weights: Readonly<Record<string, GivenWeight>>;
}

export interface OperationRun {
  readonly shape: Shape;
  readonly output: Float32Array;
  /** The work of each step. */
  readonly steps: readonly number[];
  readonly cost: number;
  /** Bytes that changed outside its output and scratch. */
  readonly strayBytes: number;
}

const PATTERN = 0x5a;
/** Bytes between two parts. They are not given to the operation. */
const GUARD = 256;

export const extentOfCase = ({ batch, lengths }: Case): Extent => extentOf(batch, lengths);

/** Places parts one after another, with guards between. */
class Places {
  #end = GUARD;

  take(bytes: number): number {
    const address = aligned(this.#end);
    this.#end = address + bytes + GUARD;
    return address;
  }

  get end(): number {
    return this.#end;
  }
}

export function runOperation(given: Case): OperationRun {
  const spec = operationNamed(given.op);
  const extent = extentOfCase(given);
  const places = new Places();
  const encoded = Object.entries(given.weights).map(([role, weight]) => {
    const bytes = encodeWeight(weight.format, floats(weight.shape, weight.values));
    return { role, bytes, placed: { format: weight.format, shape: weight.shape, address: places.take(bytes.length) } };
  });
  const node = nodeOf(
    given,
    encoded.map(({ role, placed }): [string, PlacedWeight] => [role, placed]),
  );
  const shape = spec.shape(node);
  const inputs = given.inputs.map((input) => places.take(bytesOf(input.shape, extent)));
  const output = places.take(bytesOf(shape, extent));
  const scratchBytes = spec.scratch(node, extent);
  const scratch = places.take(scratchBytes);
  const heap = new Heap(kernelModule, places.end);
  heap.write(0, new Uint8Array(heap.bytes).fill(PATTERN));
  for (const { placed, bytes } of encoded) heap.write(placed.address, bytes);
  for (const [at, { values }] of given.inputs.entries())
    heap.write(inputs[at] as number, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const before = bytesIn(heap).slice();
  const steps = [...spec.forward(node, { heap, extent, inputs, output, scratch })];
  const own = [
    { from: output, to: output + bytesOf(shape, extent) },
    { from: scratch, to: scratch + scratchBytes },
  ];
  const strayBytes = bytesIn(heap).reduce(
    (sum, byte, at) => sum + Number(byte !== before[at] && !own.some(({ from, to }) => at >= from && at < to)),
    0,
  );
  const numbers = rowsOf(shape, extent) * widthOf(shape);
  return { shape, output: heap.floats(output, numbers).slice(), steps, cost: spec.cost(node, extent), strayBytes };
}

export const nodeOf = (given: Case, weights: readonly [string, PlacedWeight][]): Node => ({
  attributes: given.attributes,
  inputs: given.inputs.map(({ shape }) => shape),
  weights: Object.fromEntries(weights),
});

const bytesIn = (heap: Heap): Uint8Array => new Uint8Array(heap.floats(0, 0).buffer, 0, heap.bytes);

/** The case with only one of its inputs. */
export function aloneIn(given: Case, at: number): Case {
  const extent = extentOfCase(given);
  const lengths = given.lengths.slice(at, at + 1);
  const inputs = given.inputs.map(({ shape, values }) => {
    const numbers = (batch: number, before: readonly number[]): number =>
      rowsOf(shape, extentOf(batch, before)) * widthOf(shape);
    const first = hasTokens(shape) ? numbers(at, given.lengths.slice(0, at)) : numbers(at, []);
    return { shape, values: values.slice(first, first + numbers(1, lengths)) };
  });
  return extent.batch === 1 ? given : { ...given, batch: 1, lengths, inputs };
}
