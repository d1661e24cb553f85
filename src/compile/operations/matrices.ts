// Products, sums over axes and what is made of them, as ONNX defines them.
import { CompileError } from "../compile-error.ts";
import { broadcastShape } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, float32Of, floats, type Tensor, transposed } from "../tensor.ts";
import { listAttribute, numberAttribute, placeOf } from "./attributes.ts";
import { placesOf } from "./elementwise.ts";
import { strides, walk } from "./movement.ts";
import { axisOf, type Facts, factsOf, type Inputs, knownNumbers, needed, type OperationSpec } from "./operation.ts";
import { product } from "./products.ts";
import { normaliseRow, softmaxRow } from "./row-functions.ts";

const batchOf = (node: GraphNode, a: Shape, b: Shape): Shape => {
  const batch = broadcastShape([a.slice(0, -2), b.slice(0, -2)]);
  if (batch && a.length >= 2 && b.length >= 2 && a.at(-1) === b.at(-2)) return batch;
  throw new CompileError(placeOf(node), `[${a.join(", ")}] and [${b.join(", ")}] have no product`);
};

const matMul: OperationSpec = {
  infer(node, inputs) {
    const [a, b] = [needed(node, inputs, 0).shape, needed(node, inputs, 1).shape];
    return [factsOf([...batchOf(node, a, b), a.at(-2) as Dim, b.at(-1) as Dim])];
  },
  run(node, inputs) {
    const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
    const batch = batchOf(node, a.shape, b.shape) as readonly number[];
    const [rows = 0, depth = 0, columns = 0] = [...a.shape.slice(-2), b.shape.at(-1)];
    if (b.shape.length === 2)
      return [floats([...batch, rows, columns], product(a.data, b.data, countOf(batch) * rows, depth, columns))];
    const result = new Float32Array(countOf(batch) * rows * columns);
    const [left, right] = [a, b].map(({ shape }) => placesOf(shape.slice(0, -2), batch));
    for (let at = 0; at < countOf(batch); at++) {
      const [i, j] = [left?.[at] ?? at, right?.[at] ?? at];
      const one = a.data.subarray(i * rows * depth, (i + 1) * rows * depth);
      const other = b.data.subarray(j * depth * columns, (j + 1) * depth * columns);
      result.set(product(one, other, rows, depth, columns), at * rows * columns);
    }
    return [floats([...batch, rows, columns], result)];
  },
};

/** alpha · A · B + beta · C, where A and B may be transposed. */
const gemm: OperationSpec = {
  infer(node, inputs) {
    const rows = needed(node, inputs, 0).shape[numberAttribute(node, "transA", 0)] as Dim;
    const columns = needed(node, inputs, 1).shape[1 - numberAttribute(node, "transB", 0)] as Dim;
    return [factsOf([rows, columns])];
  },
  run(node, inputs) {
    const a = turned(node, "transA", needed(node, inputs, 0));
    const b = turned(node, "transB", needed(node, inputs, 1));
    const [rows = 0, depth = 0, columns = 0] = [...a.shape, b.shape[1]];
    const alpha = numberAttribute(node, "alpha", 1);
    const result = product(a.data, b.data, rows, depth, columns).map((value) => alpha * value);
    const c = inputs[2];
    if (!c) return [floats([rows, columns], result)];
    const places = placesOf(c.shape, [rows, columns]);
    const beta = numberAttribute(node, "beta", 1);
    const sum = result.map((value, at) => value + beta * (c.data[places ? (places[at] as number) : at] as number));
    return [floats([rows, columns], sum)];
  },
};

const turned = (node: GraphNode, name: string, tensor: Tensor): Tensor =>
  numberAttribute(node, name, 0) === 1 ? transposed(tensor) : tensor;

/** Each group of elements along the axis, one at a time: reads it, and writes what `change` makes of it. */
function alongAxis({ shape, data }: Tensor, axis: number, change: (row: Float32Array) => void): Tensor {
  const size = shape[axis] as number;
  const step = strides(shape)[axis] as number;
  const result = new Float32Array(data.length);
  const row = new Float32Array(size);
  const starts = walk(
    shape.map((count, at) => (at === axis ? 1 : count)),
    strides(shape),
  );
  for (const start of starts) {
    for (let at = 0; at < size; at++) row[at] = data[start + at * step] as number;
    change(row);
    for (let at = 0; at < size; at++) result[start + at * step] = row[at] as number;
  }
  return floats(shape, result);
}

const sameShape = (node: GraphNode, inputs: Inputs<Facts>): readonly Facts[] => [
  factsOf(needed(node, inputs, 0).shape),
];

const softmax: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const x = needed(node, inputs, 0);
    return [alongAxis(x, axisOf(node, numberAttribute(node, "axis", -1), x.shape.length), softmaxRow)];
  },
};

const layerNormalization: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const [x, gamma, beta] = [needed(node, inputs, 0), needed(node, inputs, 1), inputs[2]];
    const result = Float32Array.from(x.data);
    const width = gamma.data.length;
    const shift = beta ?? floats([width]);
    const epsilon = numberAttribute(node, "epsilon", 1e-5);
    for (let row = 0; row < result.length; row += width)
      normaliseRow(result.subarray(row, row + width), gamma, shift, epsilon);
    return [floats(x.shape, result)];
  },
};

type Reduction = (sum: number, value: number, count: number) => number;

/** `axes` is an attribute, or an input in later opsets; absent: all axes. */
function reducedAxes(node: GraphNode, given: readonly number[] | null, rank: number): number[] {
  const axes = given ?? (node.attributes.axes === undefined ? null : listAttribute(node, "axes"));
  return axes ? axes.map((axis) => axisOf(node, axis, rank)) : Array.from({ length: rank }, (_, axis) => axis);
}

function reducedShape(node: GraphNode, shape: Shape, axes: readonly number[]): Shape {
  if (numberAttribute(node, "keepdims", 1) === 1) return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return shape.filter((_, axis) => !axes.includes(axis));
}

function reduction(start: number, add: Reduction, finish: (sum: number, count: number) => number): OperationSpec {
  return {
    infer(node, inputs) {
      const { shape, type } = needed(node, inputs, 0);
      const given = (node.inputs[1] ?? "") === "" ? null : knownNumbers(node, inputs, 1);
      return [factsOf(reducedShape(node, shape, reducedAxes(node, given, shape.length)), type)];
    },
    run(node, inputs) {
      const x = needed(node, inputs, 0);
      const axes = reducedAxes(node, inputs[1] ? Array.from(inputs[1].data) : null, x.shape.length);
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const sums = new Float64Array(countOf(kept)).fill(start);
      const count = x.data.length / sums.length;
      const own = strides(kept).map((step, axis) => (axes.includes(axis) ? 0 : step));
      walk(x.shape, own).forEach((place, at) => {
        sums[place] = add(sums[place] as number, x.data[at] as number, count);
      });
      const shape = reducedShape(node, x.shape, axes) as readonly number[];
      const data = sums.map((sum) => finish(sum, count));
      return [x.type === "f32" ? floats(shape, Float32Array.from(data)) : { type: x.type, shape, data }];
    },
  };
}

const plus: Reduction = (sum, value) => sum + value;

/** Integers times scales: real = (x − zero point) · scale, for each place of an axis, or for all elements. */
const dequantize: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const [x, scale, zero] = [needed(node, inputs, 0), needed(node, inputs, 1), inputs[2]];
    const isSingle = scale.data.length === 1;
    const axis = isSingle ? 0 : axisOf(node, numberAttribute(node, "axis", 1), x.shape.length);
    const size = x.shape[axis] ?? 1;
    const step = strides(x.shape)[axis] ?? 1;
    const data = Float32Array.from(float32Of(x), (value, at) => {
      const place = isSingle ? 0 : Math.floor(at / step) % size;
      return (value - (zero?.data[place] ?? 0)) * (scale.data[place] as number);
    });
    return [floats(x.shape, data)];
  },
};

export const MATRICES: Readonly<Record<string, OperationSpec>> = {
  DequantizeLinear: dequantize,
  Gemm: gemm,
  LayerNormalization: layerNormalization,
  MatMul: matMul,
  ReduceL2: reduction(0, (sum, value) => sum + value * value, Math.sqrt),
  ReduceMax: reduction(
    Number.NEGATIVE_INFINITY,
    (most, value) => Math.max(most, value),
    (most) => most,
  ),
  ReduceMean: reduction(0, plus, (sum, count) => sum / count),
  ReduceSum: reduction(0, plus, (sum) => sum),
  Softmax: softmax,
};
