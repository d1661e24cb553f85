// Every operator of TensorFlow Lite that is read, as operations of the graph.
import { CompileError } from "../../compile-error.ts";
import { integers, type Tensor } from "../../tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import { activationOf, type Converter, conv2d, depthwise, fullyConnected, placeOf, pool2d } from "./windows.ts";

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
