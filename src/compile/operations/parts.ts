// Operations of ONNX that take parts of values or join them, and those that make values of sizes.
import { CompileError } from "../compile-error.ts";
import { plusDim } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, type ElementType, elementsOf, integers, type Numbers, type Tensor } from "../tensor.ts";
import { listAttribute, numberAttribute, placeOf } from "./attributes.ts";
import { emptyNumbers } from "./elementwise.ts";
import { movement, strides, walk } from "./movement.ts";
import {
  axisOf,
  dimsFacts,
  type Facts,
  factsOf,
  type Inputs,
  knownDims,
  needed,
  type OperationSpec,
  uniformFacts,
  uniformOf,
} from "./operation.ts";

/** What a slice takes along one axis. */
interface Cut {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
}

/** `at`: the input since opset 10; before, an attribute. */
function listOf(node: GraphNode, inputs: Inputs<Facts>, at: number, name: string): readonly Dim[] | null {
  if ((node.inputs[at] ?? "") !== "") return knownDims(node, inputs, at);
  return node.attributes[name] === undefined ? null : listAttribute(node, name);
}

function cutsOf(node: GraphNode, inputs: Inputs<Facts>, rank: number): Cut[] {
  const starts = listOf(node, inputs, 1, "starts") ?? [];
  const ends = listOf(node, inputs, 2, "ends") ?? [];
  const axes = listOf(node, inputs, 3, "axes") ?? starts.map((_, at) => at);
  const steps = listOf(node, inputs, 4, "steps");
  return starts.map((start, at) => ({
    axis: axisOf(node, axes[at] as number, rank),
    start,
    end: ends[at] as Dim,
    step: (steps?.[at] ?? 1) as number,
  }));
}

const END = 2 ** 31 - 1;

/** The first place and the number of places. */
function extentOf({ start, end, step }: Cut, size: number): { first: number; count: number } {
  const clamp = (place: Dim, low: number, high: number): number => {
    const number = place as number;
    return Math.min(high, Math.max(low, number < 0 ? number + size : number));
  };
  const [first, last] =
    step > 0 ? [clamp(start, 0, size), clamp(end, 0, size)] : [clamp(start, -1, size - 1), clamp(end, -1, size - 1)];
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

function slicedDim(node: GraphNode, size: Dim, cut: Cut): Dim {
  const { start, end, step } = cut;
  if (typeof size === "number" && typeof start === "number" && typeof end === "number")
    return extentOf(cut, size).count;
  if (start === 0 && step === 1 && (end === size || (typeof end === "number" && end >= END))) return size;
  // A named size is at most as large as what it cuts.
  if (start === 0 && step === 1 && typeof end === "string" && typeof size === "number") return end;
  throw new CompileError(placeOf(node), `it takes [${start}, ${end}) with step ${step} of an axis of size ${size}`);
}

const plainSlice = movement({
  shape(node, inputs) {
    const result = [...needed(node, inputs, 0).shape];
    for (const cut of cutsOf(node, inputs, result.length))
      result[cut.axis] = slicedDim(node, result[cut.axis] as Dim, cut);
    return result;
  },
  move(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const known = inputs.map((input) => input && { ...input, dims: Array.from(input.data.slice(0, 64)) });
    const result = [...shape];
    const own = strides(shape);
    const steps = [...own];
    let first = 0;
    for (const cut of cutsOf(node, known, shape.length)) {
      const extent = extentOf(cut, shape[cut.axis] as number);
      result[cut.axis] = extent.count;
      steps[cut.axis] = (own[cut.axis] as number) * cut.step;
      first += extent.first * (own[cut.axis] as number);
    }
    return { shape: result, places: walk(result, steps, first) };
  },
});

/** The start of counting numbers counts as well: this is how position ids are made. */
const slice: OperationSpec = {
  infer(node, inputs) {
    const [facts = factsOf([])] = plainSlice.infer(node, inputs);
    const { constant, shape, counting } = needed(node, inputs, 0);
    const cuts = cutsOf(node, inputs, shape.length);
    const isStart = cuts.every(({ axis, start, step }) => axis < shape.length - 1 || (start === 0 && step === 1));
    const start = counting ?? (constant ? countingStart(constant) : null);
    return [isStart && start !== null && start !== undefined ? { ...facts, counting: start } : facts];
  },
  run: plainSlice.run,
};

/** The first number if all rows count from it by one; otherwise null. */
function countingStart({ type, shape, data }: Tensor): number | null {
  const width = shape.at(-1) ?? 1;
  const first = data[0] as number;
  return type === "int" && data.every((value: number, at: number) => value === first + (at % width)) ? first : null;
}

const concat: OperationSpec = {
  infer(node, inputs) {
    const parts = node.inputs.map((_, at) => needed(node, inputs, at));
    const [first] = parts as [Facts];
    const axis = axisOf(node, numberAttribute(node, "axis"), first.shape.length);
    const size = parts.map(({ shape }) => shape[axis] as Dim).reduce<Dim | null>(sumOfDims, 0);
    if (size === null) throw new CompileError(placeOf(node), "it joins sizes that cannot be added");
    const shape = first.shape.map((dim, at) => (at === axis ? size : dim));
    const dims = parts.flatMap((part): readonly (Dim | null)[] => part.dims ?? [null]);
    const known = dims.filter((dim) => dim !== null);
    const isList = first.shape.length === 1 && known.length === dims.length && first.type === "int";
    return [isList ? dimsFacts(shape, known) : factsOf(shape, first.type)];
  },
  run(node, inputs) {
    const parts = node.inputs.map((_, at) => needed(node, inputs, at));
    return [joined(parts, axisOf(node, numberAttribute(node, "axis"), (parts[0] as Tensor).shape.length))];
  },
};

const sumOfDims = (sum: Dim | null, dim: Dim): Dim | null => (sum === null ? null : plusDim(sum, dim));

function joined(parts: readonly Tensor[], axis: number): Tensor {
  const [{ type, shape }] = parts as [Tensor];
  const size = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
  const result = shape.map((dim, at) => (at === axis ? size : dim));
  const data = emptyNumbers(type, countOf(result));
  const outer = countOf(shape.slice(0, axis));
  let at = 0;
  for (let row = 0; row < outer; row++)
    for (const part of parts) {
      const count = part.data.length / outer;
      data.set(part.data.subarray(row * count, (row + 1) * count) as Float64Array, at);
      at += count;
    }
  return { type, shape: result, data };
}

const split: OperationSpec = {
  infer(node, inputs) {
    const { shape, type } = needed(node, inputs, 0);
    const axis = axisOf(node, numberAttribute(node, "axis", 0), shape.length);
    return splitSizes(node, shape, axis, listOf(node, inputs, 1, "split")).map((size) =>
      factsOf(
        shape.map((dim, at) => (at === axis ? size : dim)),
        type,
      ),
    );
  },
  run(node, inputs) {
    const { shape, type, data } = needed(node, inputs, 0);
    const axis = axisOf(node, numberAttribute(node, "axis", 0), shape.length);
    const given = inputs[1] ? Array.from(inputs[1].data) : listOf(node, [], 1, "split");
    let first = 0;
    return splitSizes(node, shape, axis, given).map((size) => {
      const result = shape.map((dim, at) => (at === axis ? size : dim));
      const own = strides(shape);
      const places = walk(result, own, first * (own[axis] as number));
      first += size;
      return { type, shape: result, data: takenFrom(data, type, places) };
    });
  },
};

function takenFrom(data: Numbers, type: ElementType, places: Int32Array): Numbers {
  const result = emptyNumbers(type, places.length);
  places.forEach((place, at) => {
    result[at] = data[place] as number;
  });
  return result;
}

function splitSizes(node: GraphNode, shape: Shape, axis: number, given: readonly Dim[] | null): readonly number[] {
  if (given) return given as readonly number[];
  const count = node.outputs.length;
  const size = shape[axis];
  if (typeof size !== "number") throw new CompileError(placeOf(node), `it splits an axis of the size ${size}`);
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, at) => Math.min(part, size - at * part));
}

const shapeOperation: OperationSpec = {
  infer(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const dims = shape.slice(numberAttribute(node, "start", 0), numberAttribute(node, "end", shape.length));
    return [dimsFacts([dims.length], dims)];
  },
  run(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const dims = shape.slice(numberAttribute(node, "start", 0), numberAttribute(node, "end", shape.length));
    return [integers([dims.length], dims)];
  },
};

const filling = (node: GraphNode): { readonly type: ElementType; readonly value: number } => {
  const value = node.attributes.value;
  if (typeof value !== "object" || !("data" in value)) return { type: "f32", value: 0 };
  return { type: value.type, value: value.data[0] as number };
};

const constantOfShape: OperationSpec = {
  infer: (node, inputs) => [uniformFacts(knownDims(node, inputs, 0), filling(node).type, filling(node).value)],
  run(node, inputs) {
    const shape = Array.from(needed(node, inputs, 0).data);
    const { type, value } = filling(node);
    return [{ type, shape, data: emptyNumbers(type, elementsOf(shape, placeOf(node))).fill(value) }];
  },
};

const range: OperationSpec = {
  infer(node, inputs) {
    const [start, limit, step] = [0, 1, 2].map((at) => knownDims(node, inputs, at)[0]);
    if (typeof start !== "number" || step !== 1 || limit === undefined || start !== 0)
      throw new CompileError(placeOf(node), `it counts from ${start} to ${limit} by ${step}; from 0 by 1 is covered`);
    return [{ type: "int", shape: [limit], range: [0, Number.POSITIVE_INFINITY], counting: 0 }];
  },
  run(node, inputs) {
    const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((at) => needed(node, inputs, at).data[0]);
    const count = elementsOf([Math.max(0, Math.ceil((limit - start) / step))], placeOf(node));
    return [
      integers(
        [count],
        Array.from({ length: count }, (_, at) => start + at * step),
      ),
    ];
  },
};

/** Of ones it counts: how RoBERTa numbers its positions. */
const cumSum: OperationSpec = {
  infer(node, inputs) {
    const { shape, type } = needed(node, inputs, 0);
    return [uniformOf(needed(node, inputs, 0)) === 1 ? { type, shape, counting: 1 } : factsOf(shape, type)];
  },
  run(node, inputs) {
    const { shape, type, data } = needed(node, inputs, 0);
    const axis = axisOf(node, needed(node, inputs, 1).data[0] as number, shape.length);
    const step = strides(shape)[axis] as number;
    const result = data.slice();
    for (let at = 0; at < result.length; at++)
      if (Math.floor(at / step) % (shape[axis] as number) > 0)
        result[at] = (result[at] as number) + (result[at - step] as number);
    return [{ type, shape, data: result }];
  },
};

export const PARTS: Readonly<Record<string, OperationSpec>> = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  CumSum: cumSum,
  Range: range,
  Shape: shapeOperation,
  Slice: slice,
  Split: split,
};
