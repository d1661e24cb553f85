// Convolutions, pools and products of TensorFlow Lite, with the activations that are fused to them.
import { CompileError } from "../../compile-error.ts";
import { float32Of, floats, type Tensor } from "../../tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import type { TfliteOperator } from "./model.ts";

export type Converter = (builder: GraphBuilder, operator: TfliteOperator) => void;

export const placeOf = (builder: GraphBuilder, { outputs }: TfliteOperator): string =>
  `operator of "${builder.nameOf(outputs[0] as number)}"`;

/** By the schema's numbers: none, RELU, RELU6, TANH. */
const FUSED_ACTIVATIONS: Readonly<Record<number, string>> = { 0: "", 1: "Relu", 3: "Clip", 4: "Tanh" };

export function activationOf(builder: GraphBuilder, operator: TfliteOperator, field: number): string {
  const code = operator.options?.int8(field) ?? 0;
  const activation = FUSED_ACTIVATIONS[code];
  if (activation !== undefined) return activation;
  throw new CompileError(
    placeOf(builder, operator),
    `its activation is ${code}; none, relu, relu6 and tanh are covered`,
  );
}

/** SAME pads so that the size is divided by the stride; more at the end. */
const paddingOf = ({ options }: TfliteOperator): string => (options?.int8(0) === 0 ? "SAME_UPPER" : "VALID");

/** [outputs, height, width, channels] → [outputs, channels, height, width] */
function channelsFirst({ shape, data }: Tensor): Tensor {
  const [outputs = 0, height = 0, width = 0, channels = 0] = shape;
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const [channel, place, output] = [
      at % channels,
      Math.floor(at / channels) % area,
      Math.floor(at / channels / area),
    ];
    result[(output * channels + channel) * area + place] = data[at] as number;
  }
  return floats([outputs, channels, height, width], result);
}

function weightOf(builder: GraphBuilder, operator: TfliteOperator): Tensor {
  const { constant } = builder.tensor(operator.inputs[1] ?? 0);
  if (constant) return constant;
  throw new CompileError(placeOf(builder, operator), "its weight is computed; a constant one is covered");
}

export const conv2d: Converter = (builder, operator) => {
  const { inputs, options } = operator;
  const weight = builder.constant(
    `${builder.nameOf(inputs[1] as number)}/weight`,
    channelsFirst(weightOf(builder, operator)),
  );
  const attributes = {
    auto_pad: paddingOf(operator),
    strides: [options?.int32(2, 1) ?? 1, options?.int32(1, 1) ?? 1],
    dilations: [options?.int32(5, 1) ?? 1, options?.int32(4, 1) ?? 1],
  };
  const values = [builder.value(inputs[0]), weight, builder.value(inputs[2])];
  builder.add("Conv", operator, values, attributes, activationOf(builder, operator, 3));
};

export const depthwise: Converter = (builder, operator) => {
  const { inputs, options } = operator;
  const tensor = weightOf(builder, operator);
  const [, height = 0, width = 0, channels = 0] = tensor.shape;
  const multiplier = options?.int32(3, 1) ?? 1;
  if (multiplier !== 1)
    throw new CompileError(placeOf(builder, operator), `depth_multiplier is ${multiplier}; 1 is covered`);
  // [1, height, width, channels] is [1 output, …] of a convolution: its channels become the outputs.
  const turned = floats([channels, 1, height, width], float32Of(channelsFirst(tensor)));
  const weight = builder.constant(`${builder.nameOf(inputs[1] as number)}/weight`, turned);
  const attributes = {
    auto_pad: paddingOf(operator),
    group: channels,
    strides: [options?.int32(2, 1) ?? 1, options?.int32(1, 1) ?? 1],
    dilations: [options?.int32(6, 1) ?? 1, options?.int32(5, 1) ?? 1],
  };
  const values = [builder.value(inputs[0]), weight, builder.value(inputs[2])];
  builder.add("Conv", operator, values, attributes, activationOf(builder, operator, 4));
};

export const pool2d =
  (op: string): Converter =>
  (builder, operator) => {
    const { inputs, options } = operator;
    const attributes = {
      auto_pad: paddingOf(operator),
      strides: [options?.int32(2, 1) ?? 1, options?.int32(1, 1) ?? 1],
      kernel_shape: [options?.int32(4, 1) ?? 1, options?.int32(3, 1) ?? 1],
    };
    builder.add(op, operator, [builder.value(inputs[0])], attributes, activationOf(builder, operator, 5));
  };

export const fullyConnected: Converter = (builder, operator) => {
  const [x = 0, weight, bias] = operator.inputs;
  const values = [builder.fileValue(x), builder.value(weight), builder.value(bias)];
  builder.add("Gemm", operator, values, { transB: 1 }, activationOf(builder, operator, 0));
};
