// Defines an operation of a bundle: what it accepts, what it costs, and how it runs. Its gradient will lie beside them.
import type { WeightFormat } from "../../contract/bundle/bundle.ts";
import type { OperationAttributes, OperationName } from "../../contract/bundle/operations.ts";
import type { Extent, Shape } from "../extent.ts";
import type { Heap } from "../heap.ts";

/** A weight in the heap. */
export interface PlacedWeight {
  readonly format: WeightFormat;
  readonly shape: readonly number[];
  readonly address: number;
}

/** An operation with what is known of it before a run. */
export interface Node<Name extends OperationName = OperationName> {
  readonly attributes: OperationAttributes[Name];
  readonly inputs: readonly Shape[];
  readonly weights: Readonly<Record<string, PlacedWeight>>;
}

/** Addresses of one run. */
export interface Frame {
  readonly heap: Heap;
  readonly extent: Extent;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly scratch: number;
}

/** Yields the work of each step, after it: at most `WORK.perGraphStep`, unless the smallest step is more. */
export type Forward = Generator<number, void>;

export interface WeightRule {
  readonly formats: readonly WeightFormat[];
  readonly isOptional?: boolean;
}

export interface OperationSpec<Name extends OperationName = OperationName> {
  /** The least and the most inputs. */
  readonly inputs: readonly [number, number];
  /** Weights by their roles. */
  readonly weights: Readonly<Record<string, WeightRule>>;
  /** The shape of the output. Throws `Mismatch` where shapes, weights or attributes do not fit together. */
  shape(node: Node<Name>): Shape;
  /** The work of a run, in multiplications of 16-bit integers: about 30 to a nanosecond. */
  cost(node: Node<Name>, extent: Extent): number;
  /** Bytes that a run needs beside its inputs and output. */
  scratch(node: Node<Name>, extent: Extent): number;
  /** An output never shares memory with an input. */
  forward(node: Node<Name>, frame: Frame): Forward;
}

export const NO_SCRATCH = (): number => 0;

/** The address of a weight; 0: it is absent. */
export const addressOf = ({ weights }: Pick<Node, "weights">, role: string): number => weights[role]?.address ?? 0;

export const FLOATS = { formats: ["f32"] } as const satisfies WeightRule;
export const OPTIONAL_FLOATS = { formats: ["f32"], isOptional: true } as const satisfies WeightRule;
