// Reads ONNX's ModelProto to nodes, constants, inputs and outputs.
import { CompileError } from "../../compile-error.ts";
import type { Attributes, AttributeValue, Dim, GraphNode } from "../../graph.ts";
import { elementType } from "../../operations/views.ts";
import type { ElementType, Tensor } from "../../tensor.ts";
import type { SourceFile } from "../source-file.ts";
import { TensorReader } from "./tensors.ts";
import { type Field, fieldOf, fieldsOf, floatsOf, textOf, textsOf, varintsOf } from "./wire.ts";

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dim[];
}

export interface OnnxModel {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly string[];
  readonly files: readonly SourceFile[];
}

const OPSETS = { from: 9, to: 21 };
const MOST_NODES = 100_000;

export function readOnnxModel(file: SourceFile): OnnxModel {
  const { path } = file;
  const fields = fieldsOf(file.bytes, path);
  checkOpsets(fields, path);
  const graph = fieldOf(fields, 7);
  if (!graph) throw new CompileError(path, "not an ONNX model: it has no graph");
  const tensors = new TensorReader(file);
  const parts = fieldsOf(graph.bytes, path);
  const initialisers = messages(parts, 5).map((message) => tensors.read(message));
  const nodes = messages(parts, 1).map((message, at) => readNode(message, at, tensors, path));
  if (nodes.length > MOST_NODES) throw new CompileError(path, `it has ${nodes.length} nodes; at most ${MOST_NODES}`);
  const constants = new Map(initialisers.map(({ name, tensor }) => [name, tensor]));
  const inputs = messages(parts, 11).map((message) => readValue(message, path));
  return {
    nodes: withoutConstants(nodes, constants),
    constants,
    inputs: inputs.filter(({ name }) => !constants.has(name)),
    outputs: messages(parts, 12).map((message) => readValue(message, path).name),
    files: [file, ...tensors.externalFiles],
  };
}

const messages = (fields: readonly Field[], number: number): Uint8Array[] =>
  fields.filter((field) => field.number === number).map(({ bytes }) => bytes);

function checkOpsets(fields: readonly Field[], path: string): void {
  for (const message of messages(fields, 8)) {
    const parts = fieldsOf(message, path);
    const domain = textsOf(parts, 1)[0] ?? "";
    const version = fieldOf(parts, 2)?.value ?? 0;
    if (domain === "" && (version < OPSETS.from || version > OPSETS.to))
      throw new CompileError(path, `its opset is ${version}; ${OPSETS.from} to ${OPSETS.to} are covered`);
  }
}

/** Operations of other domains keep the domain in their name: no operation of the graph has one. */
function readNode(message: Uint8Array, at: number, tensors: TensorReader, path: string): GraphNode {
  const fields = fieldsOf(message, path);
  const [name = ""] = textsOf(fields, 3);
  const [op = ""] = textsOf(fields, 4);
  const [domain = ""] = textsOf(fields, 7);
  const outputs = textsOf(fields, 2);
  const isPlain = domain === "" || domain === "ai.onnx";
  const own = name === "" ? (outputs[0] ?? `node ${at}`) : name;
  const place = `${path}, node "${own}"`;
  const attributes = messages(fields, 5).map((one) => readAttribute(one, tensors, place));
  return {
    op: isPlain ? op : `${domain}.${op}`,
    name: own,
    inputs: textsOf(fields, 1),
    outputs,
    attributes: Object.fromEntries(attributes) as Attributes,
  };
}

const ATTRIBUTE_TYPES = { float: 1, int: 2, text: 3, tensor: 4, floats: 6, ints: 7 } as const;

function readAttribute(message: Uint8Array, tensors: TensorReader, place: string): [string, AttributeValue] {
  const fields = fieldsOf(message, place);
  const [name = ""] = textsOf(fields, 1);
  const type = fieldOf(fields, 20)?.value ?? 0;
  const readers: Readonly<Record<number, () => AttributeValue>> = {
    [ATTRIBUTE_TYPES.float]: () => floatsOf(fields, 2)[0] ?? 0,
    [ATTRIBUTE_TYPES.int]: () => fieldOf(fields, 3)?.value ?? 0,
    [ATTRIBUTE_TYPES.text]: () => textsOf(fields, 4)[0] ?? "",
    [ATTRIBUTE_TYPES.tensor]: () => tensors.read(fieldOf(fields, 5)?.bytes ?? new Uint8Array(0)).tensor,
    [ATTRIBUTE_TYPES.floats]: () => floatsOf(fields, 7),
    [ATTRIBUTE_TYPES.ints]: () => varintsOf(fields, 8, place),
  };
  const read = readers[type];
  return [name, read ? read() : `(an attribute of type ${type})`];
}

/** Nodes named `Constant` become constants. */
function withoutConstants(nodes: readonly GraphNode[], constants: Map<string, Tensor>): GraphNode[] {
  return uniqueNames(
    nodes.filter((node) => {
      if (node.op !== "Constant") return true;
      const constant = constantOf(node);
      if (constant) constants.set(node.outputs[0] ?? "", constant);
      return constant === null;
    }),
  );
}

function constantOf({ attributes }: GraphNode): Tensor | null {
  const { value, value_float: float, value_int: int, value_ints: ints } = attributes;
  if (typeof value === "object" && "data" in value) return value;
  if (typeof float === "number") return { type: "f32", shape: [], data: Float32Array.of(float) };
  if (typeof int === "number") return { type: "int", shape: [], data: Float64Array.of(int) };
  return Array.isArray(ints) ? { type: "int", shape: [ints.length], data: Float64Array.from(ints) } : null;
}

function uniqueNames(nodes: readonly GraphNode[]): GraphNode[] {
  const taken = new Set<string>();
  return nodes.map((node) => {
    let name = node.name;
    for (let copy = 2; taken.has(name); copy++) name = `${node.name} ${copy}`;
    taken.add(name);
    return name === node.name ? node : { ...node, name };
  });
}

/** ValueInfoProto: a name, and a tensor type with a shape of numbers and names. */
function readValue(message: Uint8Array, path: string): OnnxValue {
  const fields = fieldsOf(message, path);
  const nameField = fieldOf(fields, 1);
  const name = nameField ? textOf(nameField) : "";
  const type = fieldOf(fieldsOf(fieldOf(fields, 2)?.bytes ?? new Uint8Array(0), path), 1);
  const tensor = fieldsOf(type?.bytes ?? new Uint8Array(0), path);
  const dims = fieldsOf(fieldOf(tensor, 2)?.bytes ?? new Uint8Array(0), path);
  const shape = messages(dims, 1).map((dim): Dim => {
    const parts = fieldsOf(dim, path);
    return fieldOf(parts, 1)?.value ?? textsOf(parts, 2)[0] ?? "?";
  });
  return { name, type: elementType(fieldOf(tensor, 1)?.value ?? 1), shape };
}
