// Defines an operation of the intermediate graph: what it says about its outputs before anything runs, and what it computes.
import { CompileError } from "../compile-error.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, type ElementType, integers, type Tensor } from "../tensor.ts";
import { placeOf } from "./attributes.ts";

/** What is known of a value without running the graph. */
export interface Facts {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly constant?: Tensor;
  /** Few integers, some of which may be named sizes. */
  readonly dims?: readonly Dim[];
  /** All elements are within it. */
  readonly range?: readonly [number, number];
  /** Along the last axis the elements are this number, and one more at each place. */
  readonly counting?: number;
}

export type Inputs<Value> = readonly (Value | undefined)[];

export interface OperationSpec {
  /** Called if some input is not constant: otherwise the operation runs at once. */
  infer(node: GraphNode, inputs: Inputs<Facts>): readonly Facts[];
  /** Absent inputs are undefined. */
  run(node: GraphNode, inputs: Inputs<Tensor>): readonly Tensor[];
}

export const factsOf = (shape: Shape, type: ElementType = "f32"): Facts => ({ type, shape });

export const uniformFacts = (shape: Shape, type: ElementType, value: number): Facts => ({
  type,
  shape,
  range: [value, value],
});

/** Facts of small integers; a constant where all of them are numbers. */
export function dimsFacts(shape: Shape, dims: readonly Dim[]): Facts {
  const numbers = dims.filter((dim) => typeof dim === "number");
  if (numbers.length < dims.length) return { type: "int", shape, dims };
  return constantFacts(integers(shape as readonly number[], numbers));
}

const MOST_DIMS = 64;

export function constantFacts(constant: Tensor): Facts {
  const { type, shape, data } = constant;
  const [first = 0] = data;
  const facts: Facts = { type, shape, constant };
  const isUniform = data.length > 0 && data.length <= MOST_DIMS && data.every((value: number) => value === first);
  const ranged: Facts = isUniform ? { ...facts, range: [first, first] } : facts;
  return type === "int" && data.length <= MOST_DIMS ? { ...ranged, dims: Array.from(data) } : ranged;
}

/** The one number that all elements are; null if that is not known. */
export const uniformOf = ({ range }: Facts): number | null => (range && range[0] === range[1] ? range[0] : null);

export function needed<Value>(node: GraphNode, inputs: Inputs<Value>, at: number): Value {
  const value = inputs[at];
  if (value !== undefined) return value;
  throw new CompileError(placeOf(node), `its input ${at} ("${node.inputs[at] ?? ""}") is missing`);
}

/** The numbers of an input that must be known before the graph runs. */
export function knownDims(node: GraphNode, inputs: Inputs<Facts>, at: number): readonly Dim[] {
  const { dims } = needed(node, inputs, at);
  if (dims) return dims;
  throw new CompileError(placeOf(node), `its input ${at} ("${node.inputs[at]}") depends on what the model is given`);
}

export function knownNumbers(node: GraphNode, inputs: Inputs<Facts>, at: number): readonly number[] {
  const dims = knownDims(node, inputs, at);
  const numbers = dims.filter((dim) => typeof dim === "number");
  if (numbers.length === dims.length) return numbers;
  throw new CompileError(placeOf(node), `its input ${at} has sizes without a number: [${dims.join(", ")}]`);
}

/** A place among `size` places, counted from the end if it is negative. */
export function axisOf(node: GraphNode, axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(place) && place >= 0 && place < rank) return place;
  throw new CompileError(placeOf(node), `the axis ${axis} does not exist: the value has ${rank}`);
}

export const isScalar = ({ shape }: Tensor): boolean => countOf(shape) === 1;
