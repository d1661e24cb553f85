// Writes small ONNX files for tests: protobuf, with only the fields that the tests need.
interface TensorOptions {
  readonly type?: "f32" | "i64" | "i8";
  /** The bytes are in this file, at this offset. */
  readonly external?: { readonly location: string; readonly offset: number };
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface OnnxFile {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly Uint8Array[];
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  /** Inputs that are int64. */
  readonly whole?: readonly string[];
  readonly opset?: number;
}

const encoder = new TextEncoder();

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const whole = (field: number, value: number): Uint8Array => Uint8Array.from([...varint(field * 8), ...varint(value)]);

function bytes(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

const text = (field: number, value: string): Uint8Array => bytes(field, encoder.encode(value));

function float(field: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(5));
  view.setUint8(0, field * 8 + 5);
  view.setFloat32(1, value, true);
  return new Uint8Array(view.buffer);
}

const TYPES = { f32: 1, i8: 3, i64: 7 } as const;

export function rawBytes(values: readonly number[], type: keyof typeof TYPES = "f32"): Uint8Array {
  if (type === "f32") return new Uint8Array(Float32Array.from(values).buffer);
  if (type === "i8") return new Uint8Array(Int8Array.from(values).buffer);
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

/** A TensorProto. */
export function onnxTensor(
  name: string,
  shape: readonly number[],
  values: readonly number[],
  { type = "f32", external }: TensorOptions = {},
): Uint8Array {
  const head = [...shape.map((size) => whole(1, size)), whole(2, TYPES[type]), text(8, name)];
  if (!external) return Buffer.concat([...head, bytes(9, rawBytes(values, type))]);
  const entry = (key: string, value: string): Uint8Array => bytes(13, Buffer.concat([text(1, key), text(2, value)]));
  return Buffer.concat([
    ...head,
    whole(14, 1),
    entry("location", external.location),
    entry("offset", String(external.offset)),
  ]);
}

function attribute(name: string, value: number | string | readonly number[]): Uint8Array {
  if (typeof value === "string") return Buffer.concat([text(1, name), text(4, value), whole(20, 3)]);
  if (typeof value !== "number")
    return Buffer.concat([text(1, name), ...value.map((one) => whole(8, one)), whole(20, 7)]);
  const isWhole = Number.isInteger(value);
  return Buffer.concat([text(1, name), isWhole ? whole(3, value) : float(2, value), whole(20, isWhole ? 2 : 1)]);
}

function node({ op, inputs, output, name = "", domain = "", attributes = {} }: OnnxNode): Uint8Array {
  return Buffer.concat([
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
    text(7, domain),
  ]);
}

function valueInfo(name: string, shape: readonly (number | string)[], type: number): Uint8Array {
  const dims = shape.map((dim) => bytes(1, typeof dim === "number" ? whole(1, dim) : text(2, dim)));
  const tensor = Buffer.concat([whole(1, type), bytes(2, Buffer.concat(dims))]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

export function onnxFile({
  nodes,
  constants = [],
  inputs,
  outputs,
  whole: ids = [],
  opset = 17,
}: OnnxFile): Uint8Array {
  const graph = Buffer.concat([
    ...nodes.map((one) => bytes(1, node(one))),
    ...constants.map((one) => bytes(5, one)),
    ...Object.entries(inputs).map(([name, shape]) => bytes(11, valueInfo(name, shape, ids.includes(name) ? 7 : 1))),
    ...outputs.map((name) => bytes(12, valueInfo(name, [], 1))),
  ]);
  return Buffer.concat([whole(1, 8), bytes(8, whole(2, opset)), bytes(7, graph)]);
}
