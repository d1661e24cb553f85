// Elementwise operations of ONNX: each output element is a function of one element of every input, which are broadcast.
import { CompileError } from "../compile-error.ts";
import { broadcastShape } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, type ElementType, type Numbers, type Tensor } from "../tensor.ts";
import { placeOf } from "./attributes.ts";
import {
  dimsFacts,
  type Facts,
  type Inputs,
  needed,
  type OperationSpec,
  uniformFacts,
  uniformOf,
} from "./operation.ts";

export type Arithmetic = (...values: number[]) => number;
/** The function of a node; it may depend on the attributes. */
export type FunctionOf = (node: GraphNode, type: ElementType) => Arithmetic;

export interface Rules {
  /** The type of the output; otherwise that of the first input that is not boolean. */
  readonly type?: ElementType;
  readonly dims?: (a: Dim, b: Dim) => Dim | null;
  /** What a comparison of ranges tells, if anything. */
  readonly compare?: (a: readonly [number, number], b: readonly [number, number]) => boolean | null;
  /** What the operation makes of counting numbers and one other number. */
  readonly counting?: (start: number, other: number) => number | null;
}

export function elementwise(functionOf: FunctionOf, rules: Rules = {}): OperationSpec {
  return {
    infer: (node, inputs) => [inferElementwise(node, present(node, inputs), functionOf, rules)],
    run(node, inputs) {
      const given = present(node, inputs);
      const type = rules.type ?? typeOf(given);
      return [runElementwise(given, type, functionOf(node, type), shapeOf(node, given) as readonly number[])];
    },
  };
}

export const present = <Value>(node: GraphNode, inputs: Inputs<Value>): Value[] =>
  node.inputs.flatMap((name, at) => (name === "" ? [] : [needed(node, inputs, at)]));

const typeOf = (inputs: readonly { readonly type: ElementType }[]): ElementType =>
  inputs.find(({ type }) => type !== "bool")?.type ?? "bool";

export function shapeOf(node: GraphNode, inputs: readonly { readonly shape: Shape }[]): Shape {
  const shapes = inputs.map(({ shape }) => shape);
  const shape = broadcastShape(shapes);
  if (shape) return shape;
  const found = shapes.map((one) => `[${one.join(", ")}]`).join(" and ");
  throw new CompileError(placeOf(node), `its inputs have the shapes ${found}, which do not fit together`);
}

function inferElementwise(node: GraphNode, inputs: readonly Facts[], functionOf: FunctionOf, rules: Rules): Facts {
  const shape = shapeOf(node, inputs);
  const type = rules.type ?? typeOf(inputs);
  const uniform = inputs.map(uniformOf);
  if (uniform.every((value) => value !== null)) return uniformFacts(shape, type, functionOf(node, type)(...uniform));
  return inferPair(inputs, { type, shape }, rules);
}

function inferPair([a, b]: readonly Facts[], plain: Facts, { dims, compare, counting }: Rules): Facts {
  if (!a || !b) return plain;
  const verdict = compare && a.range && b.range ? compare(a.range, b.range) : null;
  if (verdict !== null) return uniformFacts(plain.shape, plain.type, Number(verdict));
  const sizes = dims && pairwise(a.dims, b.dims, dims);
  if (sizes) return dimsFacts(plain.shape, sizes);
  const [start, other] = a.counting === undefined ? [b.counting, uniformOf(a)] : [a.counting, uniformOf(b)];
  const first = counting && start !== undefined && other !== null ? counting(start, other) : null;
  return first === null ? plain : { ...plain, counting: first };
}

/** null unless both are known, of equal length or one of them single, and every result can be said. */
function pairwise(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  join: (a: Dim, b: Dim) => Dim | null,
): readonly Dim[] | null {
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return null;
  const results = Array.from({ length: Math.max(a.length, b.length) }, (_, at) =>
    join(a[a.length === 1 ? 0 : at] as Dim, b[b.length === 1 ? 0 : at] as Dim),
  );
  return results.every((dim) => dim !== null) ? results : null;
}

export function emptyNumbers(type: ElementType, count: number): Numbers {
  return type === "f32" ? new Float32Array(count) : new Float64Array(count);
}

function runElementwise(inputs: readonly Tensor[], type: ElementType, f: Arithmetic, shape: readonly number[]): Tensor {
  const data = emptyNumbers(type, countOf(shape));
  const places = inputs.map((input) => placesOf(input.shape, shape));
  const values = new Array<number>(inputs.length);
  for (let at = 0; at < data.length; at++) {
    for (let input = 0; input < inputs.length; input++) {
      const own = places[input];
      values[input] = (inputs[input] as Tensor).data[own ? (own[at] as number) : at] as number;
    }
    data[at] = f(...values);
  }
  return { type, shape, data };
}

/** For each element of the larger shape the element of the smaller one; null if the shapes are equal. */
export function placesOf(from: readonly number[], to: readonly number[]): Int32Array | null {
  if (from.length === to.length && from.every((size, axis) => size === to[axis])) return null;
  const places = new Int32Array(countOf(to));
  let stride = 1;
  let repeat = 1;
  for (let back = 1; back <= to.length; back++) {
    const size = to[to.length - back] as number;
    const own = from[from.length - back] ?? 1;
    if (own > 1)
      for (let at = 0; at < places.length; at++)
        places[at] = (places[at] as number) + (Math.floor(at / repeat) % size) * stride;
    stride *= own;
    repeat *= size;
  }
  return places;
}
