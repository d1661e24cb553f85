// Operations of ONNX that join values, and those that make values of sizes.
import { CompileError } from "../compile-error.ts";
import { plusDim } from "../dims.ts";
import type { Dim, GraphNode } from "../graph.ts";
import { countOf, type ElementType, elementsOf, integers, type Tensor } from "../tensor.ts";
import { numberAttribute, placeOf } from "./attributes.ts";
import { emptyNumbers } from "./elementwise.ts";
import { strides } from "./movement.ts";
import {
  axisOf,
  dimsFacts,
  type Facts,
  factsOf,
  knownDims,
  needed,
  type OperationSpec,
  uniformFacts,
  uniformOf,
} from "./operation.ts";

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

export const JOINS: Readonly<Record<string, OperationSpec>> = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  CumSum: cumSum,
  Range: range,
  Shape: shapeOperation,
};
