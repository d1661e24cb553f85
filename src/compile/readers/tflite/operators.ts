// Every operator of TensorFlow Lite that is read, as operations of the graph.
import { CompileError } from "../../compile-error.ts";
import { float32Of, floats, integers, type Tensor } from "../../tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import type { TfliteOperator } from "./model.ts";

type Converter = (builder: GraphBuilder, operator: TfliteOperator) => void;

const placeOf = (builder: GraphBuilder, { outputs }: TfliteOperator): string =>
  `operator of "${builder.nameOf(outputs[0] as number)}"`;

/** By the schema's numbers: none, RELU, RELU6, TANH. */
const FUSED_ACTIVATIONS: Readonly<Record<number, string>> = { 0: "", 1: "Relu", 3: "Clip", 4: "Tanh" };

function activationOf(builder: GraphBuilder, operator: TfliteOperator, field: number): string {
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

const conv2d: Converter = (builder, operator) => {
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

const depthwise: Converter = (builder, operator) => {
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

const pool2d =
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

const fullyConnected: Converter = (builder, operator) => {
  const [x = 0, weight, bias] = operator.inputs;
  const values = [builder.fileValue(x), builder.value(weight), builder.value(bias)];
  builder.add("Gemm", operator, values, { transB: 1 }, activationOf(builder, operator, 0));
};

/** A constant row beside an image belongs to its channels. */
function besideImage(builder: GraphBuilder, at: number, isImage: boolean): string {
  const { constant } = builder.tensor(at);
  const [channels = 0, ...rest] = constant?.shape ?? [];
  if (!constant || !isImage || rest.length > 0) return builder.value(at);
  const plane: Tensor = { type: constant.type, shape: [channels, 1, 1], data: constant.data };
  return builder.constant(`${builder.nameOf(at)}/of channels`, plane);
}

const pair =
  (op: string): Converter =>
  (builder, operator) => {
    const isImage = operator.inputs.some((at) => builder.isImage(at));
    const values = operator.inputs.map((at) => besideImage(builder, at, isImage));
    builder.add(op, operator, values, {}, activationOf(builder, operator, 0));
  };

const single =
  (op: string): Converter =>
  (builder, operator) =>
    builder.add(op, operator, [builder.value(operator.inputs[0])]);

/** What it does is said by the shape of its output. */
const reshape: Converter = (builder, operator) => {
  const [at = 0] = operator.outputs;
  const { name, shape } = builder.tensor(at);
  const sizes = builder.constant(`${name}/shape`, integers([shape.length], shape));
  builder.addInFileOrder("Reshape", operator, [builder.fileValue(operator.inputs[0] as number), sizes]);
};

const REDUCED_AXES: Readonly<Record<number, number>> = { 0: 0, 1: 2, 2: 3, 3: 1 };

const mean: Converter = (builder, operator) => {
  const [x = 0, axesAt = 0] = operator.inputs;
  const axes = Array.from(builder.tensor(axesAt).constant?.data ?? []);
  const turned = builder.isImage(x) ? axes.map((axis) => REDUCED_AXES[axis < 0 ? axis + 4 : axis] as number) : axes;
  builder.add("ReduceMean", operator, [builder.value(x)], { axes: turned, keepdims: operator.options?.int8(0) ?? 0 });
};

const gather: Converter = (builder, operator) => {
  const [x = 0, indices] = operator.inputs;
  const attributes = { axis: operator.options?.int32(0) ?? 0 };
  builder.addInFileOrder("Gather", operator, [builder.fileValue(x), builder.value(indices)], attributes);
};

/** [axes][2] → the starts of all axes, then the ends. */
const pad: Converter = (builder, operator) => {
  const [x = 0, padsAt = 0] = operator.inputs;
  const pads = Array.from(builder.tensor(padsAt).constant?.data ?? []);
  const ordered = [0, 1].flatMap((side) => pads.filter((_, at) => at % 2 === side));
  const name = builder.constant(`${builder.nameOf(padsAt)}/in order`, integers([ordered.length], ordered));
  builder.addInFileOrder("Pad", operator, [builder.fileValue(x), name]);
};

/** begin and size → starts and ends */
const slice: Converter = (builder, operator) => {
  const [x = 0, beginAt = 0] = operator.inputs;
  const { name, shape } = builder.tensor(operator.outputs[0] as number);
  const begin = Array.from(builder.tensor(beginAt).constant?.data ?? []);
  const ends = begin.map((start, axis) => start + (shape[axis] as number));
  builder.addInFileOrder("Slice", operator, [
    builder.fileValue(x),
    builder.constant(`${name}/starts`, integers([begin.length], begin)),
    builder.constant(`${name}/ends`, integers([ends.length], ends)),
  ]);
};

const stridedSlice: Converter = (builder, operator) => {
  const { inputs, outputs, options } = operator;
  const [x = 0, beginAt = 0, endAt = 0, stepsAt = 0] = inputs;
  const [begin, end, steps] = [beginAt, endAt, stepsAt].map((at) =>
    Array.from(builder.tensor(at).constant?.data ?? []),
  );
  const masks = [0, 1, 2, 3, 4].map((field) => options?.int32(field) ?? 0);
  if (!begin || !end || !steps || masks.slice(2).some((mask) => mask !== 0))
    throw new CompileError(placeOf(builder, operator), "it adds or drops axes; taking ranges of axes is covered");
  const name = builder.nameOf(outputs[0] as number);
  const lists = {
    starts: begin.map((start, axis) => ((masks[0] ?? 0) & (1 << axis) ? 0 : start)),
    ends: end.map((last, axis) => ((masks[1] ?? 0) & (1 << axis) ? 2 ** 31 - 1 : last)),
    axes: begin.map((_, axis) => axis),
    steps,
  };
  const names = Object.entries(lists).map(([key, list]) =>
    builder.constant(`${name}/${key}`, integers([list.length], list)),
  );
  builder.addInFileOrder("Slice", operator, [builder.fileValue(x), ...names]);
};

/** A constant is read as real numbers already. */
const dequantize: Converter = (builder, operator) => {
  const [[x = 0], [output = 0]] = [operator.inputs, operator.outputs];
  const { constant } = builder.tensor(x);
  if (constant) builder.setConstant(output, constant);
  else builder.add("Identity", operator, [builder.value(x)]);
};

interface Operator {
  readonly name: string;
  readonly convert: Converter;
}

/** By the schema's numbers of operators. */
export const OPERATORS: Readonly<Record<number, Operator>> = {
  0: { name: "ADD", convert: pair("Add") },
  1: { name: "AVERAGE_POOL_2D", convert: pool2d("AveragePool") },
  3: { name: "CONV_2D", convert: conv2d },
  4: { name: "DEPTHWISE_CONV_2D", convert: depthwise },
  6: { name: "DEQUANTIZE", convert: dequantize },
  9: { name: "FULLY_CONNECTED", convert: fullyConnected },
  14: { name: "LOGISTIC", convert: single("Sigmoid") },
  17: { name: "MAX_POOL_2D", convert: pool2d("MaxPool") },
  18: { name: "MUL", convert: pair("Mul") },
  19: { name: "RELU", convert: single("Relu") },
  22: { name: "RESHAPE", convert: reshape },
  25: { name: "SOFTMAX", convert: single("Softmax") },
  28: { name: "TANH", convert: single("Tanh") },
  34: { name: "PAD", convert: pad },
  36: { name: "GATHER", convert: gather },
  40: { name: "MEAN", convert: mean },
  41: { name: "SUB", convert: pair("Sub") },
  43: { name: "SQUEEZE", convert: reshape },
  45: { name: "STRIDED_SLICE", convert: stridedSlice },
  65: { name: "SLICE", convert: slice },
  73: { name: "LOG", convert: single("Log") },
  75: { name: "SQRT", convert: single("Sqrt") },
  117: { name: "HARD_SWISH", convert: single("HardSwish") },
};
