// Slice and Split of ONNX: operations that take ranges of axes.
import { CompileError } from "../compile-error.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import type { ElementType, Numbers, Tensor } from "../tensor.ts";
import { listAttribute, numberAttribute, placeOf } from "./attributes.ts";
import { emptyNumbers } from "./elementwise.ts";
import { movement, strides, walk } from "./movement.ts";
import { axisOf, type Facts, factsOf, type Inputs, knownDims, needed, type OperationSpec } from "./operation.ts";

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

export const RANGES: Readonly<Record<string, OperationSpec>> = { Slice: slice, Split: split };
