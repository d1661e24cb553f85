// Reads TensorFlow Lite's schema: the tensors of a file with their numbers, and its operators.
import { CompileError } from "../../compile-error.ts";
import { float16ToFloat32 } from "../../half-floats.ts";
import { elementsOf, floats, type Numbers, type Tensor } from "../../tensor.ts";
import type { SourceFile } from "../source-file.ts";
import { FlatTable } from "./flat-table.ts";

export interface TfliteTensor {
  /** The first of the names that the converter joined, made unique. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Real numbers, whatever they are stored as; null: computed by an operator, or given. */
  readonly constant: Tensor | null;
}

export interface TfliteOperator {
  /** The number of its kind in the schema. */
  readonly code: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable | null;
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export function readTfliteModel(file: SourceFile): TfliteModel {
  const model = FlatTable.root(file.bytes, "TFL3", file.path);
  const [graph, ...others] = model.tables(2);
  if (!graph || others.length > 0)
    throw new CompileError(file.path, `it has ${others.length + 1} graphs; one is covered`);
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0));
  const names = new Set<string>();
  const tensors = graph.tables(0).map((tensor, at) => readTensor(tensor, at, { buffers, names, path: file.path }));
  const operators = graph.tables(3).map((operator) => ({
    code: codes[operator.int32(0)] ?? -1,
    inputs: operator.int32s(1),
    outputs: operator.int32s(2),
    options: operator.table(4),
  }));
  return { tensors, operators, inputs: graph.int32s(1), outputs: graph.int32s(2) };
}

interface Surroundings {
  readonly buffers: readonly Uint8Array[];
  readonly names: Set<string>;
  readonly path: string;
}

function readTensor(tensor: FlatTable, at: number, { buffers, names, path }: Surroundings): TfliteTensor {
  const [first = ""] = tensor.text(3).split(";");
  const name = first === "" || names.has(first) ? `${first} ${at}` : first;
  names.add(name);
  const shape = tensor.int32s(0);
  const place = `${path}, tensor ${at} "${name}"`;
  const count = elementsOf(shape, place);
  const bytes = buffers[tensor.int32(2)] ?? new Uint8Array(0);
  const constant = bytes.length > 0 && count > 0 ? readConstant(tensor, bytes, shape, place) : null;
  return { name, shape, constant };
}

interface ElementFormat {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** By the schema's numbers of element types. */
const FORMATS: Readonly<Record<number, ElementFormat>> = {
  0: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  1: { bytes: 2, read: (view, at) => float16ToFloat32(view.getUint16(at, true)) },
  2: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  3: { bytes: 1, read: (view, at) => view.getUint8(at) },
  4: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  6: { bytes: 1, read: (view, at) => view.getUint8(at) },
  7: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  9: { bytes: 1, read: (view, at) => view.getInt8(at) },
};
const FLOATS: readonly number[] = [0, 1];

function readConstant(tensor: FlatTable, bytes: Uint8Array, shape: readonly number[], place: string): Tensor {
  const type = tensor.int8(1);
  const format = FORMATS[type];
  if (!format)
    throw new CompileError(place, `its element type is ${type}; covered: ${Object.keys(FORMATS).join(", ")}`);
  const count = elementsOf(shape, place);
  if (bytes.length !== count * format.bytes) {
    const needs = `its shape [${shape.join(", ")}] needs ${count * format.bytes} bytes`;
    throw new CompileError(place, `${needs}, but it has ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (_: unknown, at: number): number => format.read(view, at * format.bytes);
  const scales = tensor.table(4)?.float32s(2) ?? [];
  if (FLOATS.includes(type)) return floats(shape, Float32Array.from({ length: count }, read));
  const whole = Float64Array.from({ length: count }, read);
  return scales.length === 0 ? { type: "int", shape, data: whole } : dequantised(tensor, whole, shape, scales, place);
}

/** real = (number − zero point) · scale, for all numbers or for each place of an axis. */
function dequantised(
  tensor: FlatTable,
  data: Numbers,
  shape: readonly number[],
  scales: readonly number[],
  place: string,
): Tensor {
  const quantisation = tensor.table(4);
  const zeros = quantisation?.int64s(3) ?? [];
  const axis = quantisation?.int32(6) ?? 0;
  if (scales.length > 1 && scales.length !== shape[axis])
    throw new CompileError(place, `it has ${scales.length} scales along axis ${axis} of [${shape.join(", ")}]`);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const scaleAt = (at: number): number => (scales.length === 1 ? 0 : Math.floor(at / inner) % scales.length);
  const real = (value: number, at: number): number => {
    const own = scaleAt(at);
    return (value - (zeros[own] ?? 0)) * (scales[own] as number);
  };
  return floats(shape, Float32Array.from(data, real));
}
