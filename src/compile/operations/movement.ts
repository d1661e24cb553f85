// Operations of ONNX that move elements and compute nothing. They work on sizes with names as on numbers: what moves are places.
import { CompileError } from "../compile-error.ts";
import { broadcastShape } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, type Numbers, type Tensor } from "../tensor.ts";
import { listAttribute, numberAttribute, placeOf } from "./attributes.ts";
import { emptyNumbers } from "./elementwise.ts";
import {
  axisOf,
  dimsFacts,
  type Facts,
  type Inputs,
  knownDims,
  needed,
  type OperationSpec,
  uniformFacts,
  uniformOf,
} from "./operation.ts";

/** The shape of the output, and for each of its elements the place in the input. */
export interface Movement {
  readonly shape: readonly number[];
  readonly places: ArrayLike<number>;
}

interface MovementSpec {
  /** The output's shape when sizes have names. */
  shape(node: GraphNode, inputs: Inputs<Facts>): Shape;
  move(node: GraphNode, inputs: Inputs<Tensor>): Movement;
  /** Whether counting along the last axis stays. */
  keepsLastAxis?: boolean;
}

export function movement({ shape, move, keepsLastAxis = false }: MovementSpec): OperationSpec {
  return {
    infer(node, inputs) {
      const moved = needed(node, inputs, 0);
      const result = shape(node, inputs);
      const uniform = uniformOf(moved);
      if (uniform !== null) return [uniformFacts(result, moved.type, uniform)];
      const dims = movedDims(node, inputs, move);
      if (dims) return [dimsFacts(result, dims)];
      const counting = keepsLastAxis ? moved.counting : undefined;
      const plain: Facts = { type: moved.type, shape: result };
      const ranged: Facts = moved.range ? { ...plain, range: moved.range } : plain;
      return [counting === undefined ? ranged : { ...ranged, counting }];
    },
    run(node, inputs) {
      const { type, data } = needed(node, inputs, 0);
      const { shape: result, places } = move(node, inputs);
      return [{ type, shape: result, data: gathered(data, type, places) }];
    },
  };
}

function gathered(data: Numbers, type: Tensor["type"], places: ArrayLike<number>): Numbers {
  const result = emptyNumbers(type, places.length);
  for (let at = 0; at < result.length; at++) result[at] = data[places[at] as number] as number;
  return result;
}

/** Moves sizes with names, if all other inputs are known. */
function movedDims(node: GraphNode, inputs: Inputs<Facts>, move: MovementSpec["move"]): readonly Dim[] | null {
  const [moved, ...others] = inputs;
  if (!moved?.dims || others.some((other) => other && !other.constant)) return null;
  const { shape, type, dims } = moved;
  const stand: Tensor = { type, shape: shape as readonly number[], data: Float64Array.from(dims) };
  const { places } = move(node, [stand, ...others.map((other) => other?.constant)]);
  return Array.from(places, (place) => dims[place] as Dim);
}

export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    result[axis] = (result[axis + 1] as number) * (shape[axis + 1] as number);
  return result;
}

/** Walks over an output, axis by axis: place = first + sum of index · step. */
export function walk(shape: readonly number[], steps: readonly number[], first = 0): Int32Array {
  let places = Int32Array.of(first);
  shape.forEach((size, axis) => {
    const next = new Int32Array(places.length * size);
    for (let at = 0; at < next.length; at++)
      next[at] = (places[Math.floor(at / size)] as number) + (at % size) * (steps[axis] as number);
    places = next;
  });
  return countOf(shape) === 0 ? new Int32Array(0) : places;
}

const permutation = (node: GraphNode, rank: number): readonly number[] =>
  listAttribute(
    node,
    "perm",
    Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
  );

const transpose = movement({
  shape(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    return permutation(node, shape.length).map((axis) => shape[axisOf(node, axis, shape.length)] as Dim);
  },
  move(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const order = permutation(node, shape.length);
    const own = strides(shape);
    const result = order.map((axis) => shape[axis] as number);
    const steps = order.map((axis) => own[axis] as number);
    return { shape: result, places: walk(result, steps) };
  },
});

/** The indices along `axis`; the result is [before, indices, after]. */
function alongAxis(
  shape: readonly number[],
  axis: number,
  indices: ArrayLike<number>,
  indexShape: readonly number[],
): Movement {
  const size = shape[axis] as number;
  const inner = countOf(shape.slice(axis + 1));
  const outer = countOf(shape.slice(0, axis));
  const count = indices.length;
  const places = new Int32Array(outer * count * inner);
  for (let at = 0; at < places.length; at++) {
    const index = indices[Math.floor(at / inner) % count] as number;
    const before = Math.floor(at / inner / count);
    places[at] = (before * size + (index < 0 ? index + size : index)) * inner + (at % inner);
  }
  return { shape: [...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)], places };
}

const gather = movement({
  shape(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const axis = axisOf(node, numberAttribute(node, "axis", 0), shape.length);
    return [...shape.slice(0, axis), ...needed(node, inputs, 1).shape, ...shape.slice(axis + 1)];
  },
  move(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const indices = needed(node, inputs, 1);
    const axis = axisOf(node, numberAttribute(node, "axis", 0), shape.length);
    return alongAxis(shape, axis, indices.data, indices.shape);
  },
});

const gatherNd = movement({
  shape(node, inputs) {
    const indices = needed(node, inputs, 1).shape;
    return [...indices.slice(0, -1), ...needed(node, inputs, 0).shape.slice(indices.at(-1) as number)];
  },
  move(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const { shape: indexShape, data } = needed(node, inputs, 1);
    const depth = indexShape.at(-1) as number;
    const inner = countOf(shape.slice(depth));
    const own = strides(shape);
    const places = Int32Array.from({ length: (data.length / depth) * inner }, (_, at) => {
      const from = Math.floor(at / inner) * depth;
      let place = at % inner;
      for (let axis = 0; axis < depth; axis++) place += (data[from + axis] as number) * (own[axis] as number);
      return place;
    });
    return { shape: [...indexShape.slice(0, -1), ...shape.slice(depth)], places };
  },
});

function expandedShape(node: GraphNode, shape: Shape, wanted: Shape): Shape {
  const result = broadcastShape([shape, wanted]);
  if (result) return result;
  throw new CompileError(placeOf(node), `[${shape.join(", ")}] cannot be expanded to [${wanted.join(", ")}]`);
}

const expand = movement({
  keepsLastAxis: true,
  shape: (node, inputs) => expandedShape(node, needed(node, inputs, 0).shape, knownDims(node, inputs, 1)),
  move(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const wanted = Array.from(needed(node, inputs, 1).data);
    const result = expandedShape(node, shape, wanted) as readonly number[];
    const own = strides(shape);
    const steps = result.map((_, axis) => {
      const place = axis - result.length + shape.length;
      return place < 0 || shape[place] === 1 ? 0 : (own[place] as number);
    });
    return { shape: result, places: walk(result, steps) };
  },
});

export const MOVEMENTS: Readonly<Record<string, OperationSpec>> = {
  Expand: expand,
  Gather: gather,
  GatherND: gatherNd,
  Transpose: transpose,
};
