// The ONNX messages that a head needs, with their field numbers (github.com/onnx/onnx, onnx/onnx.proto).
import { bytesOf, concatBytes } from "../../core/bytes.ts";
import { bytesField, intField, messageField, textField } from "./protobuf.ts";

/** IR version 8 and operator set 17, both from ONNX 1.12 (2022): old enough for common runtimes, and sufficient for a head. */
const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** TensorProto.DataType */
export const DATA_TYPES = { float: 1, double: 11 } as const;
const ATTRIBUTE_INT = 2;

export interface OnnxTensor {
  readonly name: string;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** An input or output of the graph: [rows][columns], with any number of rows. */
export interface OnnxRows {
  readonly name: string;
  readonly type: keyof typeof DATA_TYPES;
  readonly columns: number;
}

export interface OnnxModel {
  readonly producer: { readonly name: string; readonly version: string };
  readonly graphName: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly input: OnnxRows;
  readonly output: OnnxRows;
  readonly metadata: Readonly<Record<string, string>>;
}

export function encodeModel({ producer, metadata, ...graph }: OnnxModel): Uint8Array<ArrayBuffer> {
  return concatBytes([
    intField(1, IR_VERSION),
    textField(2, producer.name),
    textField(3, producer.version),
    messageField(8, textField(1, ""), intField(2, OPERATOR_SET)),
    ...Object.entries(metadata).map(([key, value]) => messageField(14, textField(1, key), textField(2, value))),
    messageField(7, ...graphFields(graph)),
  ]);
}

const graphFields = ({
  graphName,
  nodes,
  constants,
  input,
  output,
}: Omit<OnnxModel, "producer" | "metadata">): Uint8Array[] => [
  ...nodes.map((node) => messageField(1, ...nodeFields(node))),
  textField(2, graphName),
  ...constants.map((tensor) => messageField(5, ...tensorFields(tensor))),
  messageField(11, ...rowsFields(input)),
  messageField(12, ...rowsFields(output)),
];

const nodeFields = ({ operator, inputs, output, attributes = {} }: OnnxNode): Uint8Array[] => [
  ...inputs.map((name) => textField(1, name)),
  textField(2, output),
  textField(3, output),
  textField(4, operator),
  ...Object.entries(attributes).map(([name, value]) =>
    messageField(5, textField(1, name), intField(3, value), intField(20, ATTRIBUTE_INT)),
  ),
];

/** PLATFORM: `raw_data` is little-endian, like typed arrays on every machine that runs Workers. */
const tensorFields = ({ name, shape, values }: OnnxTensor): Uint8Array[] => [
  ...shape.map((extent) => intField(1, extent)),
  intField(2, values instanceof Float32Array ? DATA_TYPES.float : DATA_TYPES.double),
  textField(8, name),
  bytesField(9, bytesOf(values)),
];

const rowsFields = ({ name, type, columns }: OnnxRows): Uint8Array[] => {
  const dimensions = [messageField(1, textField(2, "rows")), messageField(1, intField(1, columns))];
  const tensor = messageField(1, intField(1, DATA_TYPES[type]), messageField(2, ...dimensions));
  return [textField(1, name), messageField(2, tensor)];
};
