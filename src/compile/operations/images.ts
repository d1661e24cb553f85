// Operations on images [batch, channels, height, width], and fused sums and products: ONNX's, and the bundle's.
import type { Pooling } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, floats, type Tensor } from "../tensor.ts";
import { ACTIVATION_FUNCTIONS, activate } from "./activations.ts";
import { listAttribute, numberAttribute, placeOf, textAttribute } from "./attributes.ts";
import { ELEMENTWISE } from "./functions.ts";
import { type Facts, factsOf, type Inputs, knownNumbers, needed, type OperationSpec } from "./operation.ts";
import { outputSize, windowOf, windowPlaces } from "./windows.ts";

const sameShape = (node: GraphNode, inputs: Inputs<Facts>): readonly Facts[] => [
  factsOf(needed(node, inputs, 0).shape),
];

const batchNormalization: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const x = needed(node, inputs, 0);
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((at) => needed(node, inputs, at).data);
    const epsilon = numberAttribute(node, "epsilon", 1e-5);
    const area = countOf(x.shape.slice(2));
    const channels = x.shape[1] as number;
    const data = Float32Array.from(x.data, (value, at) => {
      const c = Math.floor(at / area) % channels;
      const factor = (scale?.[c] as number) / Math.sqrt((variance?.[c] as number) + epsilon);
      return (value - (mean?.[c] as number)) * factor + (bias?.[c] as number);
    });
    return [floats(x.shape, data)];
  },
};

type Reduce = (values: readonly number[]) => number;

const mean: Reduce = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const max: Reduce = (values) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);

function windowPool(reduceOf: (node: GraphNode) => Reduce): OperationSpec {
  return {
    infer(node, inputs) {
      const { shape } = needed(node, inputs, 0);
      return [factsOf([shape[0] as Dim, shape[1] as Dim, ...outputSize(node, poolWindow(node, shape), shape)])];
    },
    run: (node, inputs) => [poolWindows(node, needed(node, inputs, 0), reduceOf(node))],
  };
}

const poolWindow = (node: GraphNode, shape: Shape) =>
  windowOf(
    node,
    node.op === "window-pool" ? (listAttribute(node, "kernel") as unknown as [number, number]) : null,
    shape,
  );

function poolWindows(node: GraphNode, { shape, data }: Tensor, reduce: Reduce): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  const window = poolWindow(node, shape);
  const to = outputSize(node, window, shape);
  const places = windowPlaces(window, [height, width], to);
  const pixels = to[0] * to[1];
  const taps = places.length / pixels;
  const result = Float32Array.from({ length: batch * channels * pixels }, (_, at) => {
    const first = Math.floor(at / pixels) * height * width;
    const pixel = at % pixels;
    const inside = places.subarray(pixel * taps, (pixel + 1) * taps).filter((place) => place >= 0);
    return reduce(Array.from(inside, (place) => data[first + place] as number));
  });
  return floats([batch, channels, to[0], to[1]], result);
}

function averagePool(node: GraphNode): Reduce {
  const hasPadding = listAttribute(node, "pads", [0, 0, 0, 0]).some((pad) => pad > 0);
  if (hasPadding && numberAttribute(node, "count_include_pad", 0) === 1)
    throw new CompileError(
      placeOf(node),
      "its attribute count_include_pad is 1 and it has pads; a mean without padding is covered",
    );
  return mean;
}

/** Over the whole image. */
const globalPool = (reduce: Reduce): OperationSpec => ({
  infer(node, inputs) {
    const [batch = 0, channels = 0] = needed(node, inputs, 0).shape;
    return [factsOf([batch, channels, 1, 1])];
  },
  run(node, inputs) {
    const { shape, data } = needed(node, inputs, 0);
    const [batch = 0, channels = 0] = shape;
    return [floats([batch, channels, 1, 1], pooledChannels(shape, data, [reduce]))];
  },
});

/** For each image all reductions one after another: [batch, reductions, channels] */
function pooledChannels(
  [batch = 0, channels = 0, ...size]: readonly number[],
  data: Tensor["data"],
  reductions: readonly Reduce[],
) {
  const area = countOf(size);
  const count = reductions.length * channels;
  return Float32Array.from({ length: batch * count }, (_, at) => {
    const first = (Math.floor(at / count) * channels + (at % channels)) * area;
    const reduce = reductions[Math.floor((at % count) / channels)] as Reduce;
    return reduce(Array.from(data.subarray(first, first + area)));
  });
}

const REDUCTIONS: Readonly<Partial<Record<Pooling, readonly Reduce[]>>> = {
  mean: [mean],
  max: [max],
  "mean-max": [mean, max],
};

/** Of images. `rank` 4: the output is [batch, channels, 1, 1], as in ONNX. */
const pool: OperationSpec = {
  infer(node, inputs) {
    const [batch = 0, channels = 0] = needed(node, inputs, 0).shape;
    const width = (channels as number) * reductionsOf(node).length;
    return [factsOf(numberAttribute(node, "rank", 2) === 4 ? [batch, width, 1, 1] : [batch, width])];
  },
  run(node, inputs) {
    const { shape, data } = needed(node, inputs, 0);
    const result = pooledChannels(shape, data, reductionsOf(node));
    const [batch = 0] = shape;
    const width = result.length / batch;
    return [floats(numberAttribute(node, "rank", 2) === 4 ? [batch, width, 1, 1] : [batch, width], result)];
  },
};

const reductionsOf = (node: GraphNode): readonly Reduce[] => {
  const kind = textAttribute(node, "kind") as Pooling;
  const reductions = REDUCTIONS[kind];
  if (reductions) return reductions;
  throw new CompileError(placeOf(node), `images are not pooled by "${kind}"; covered: ${Object.keys(REDUCTIONS)}`);
};

/** Zeros around an image. */
const pad: OperationSpec = {
  infer(node, inputs) {
    const { shape } = needed(node, inputs, 0);
    const pads = (node.inputs[1] ?? "") === "" ? listAttribute(node, "pads") : knownNumbers(node, inputs, 1);
    return [factsOf(shape.map((dim, axis) => paddedDim(dim, (pads[axis] ?? 0) + (pads[axis + shape.length] ?? 0))))];
  },
  run(node, inputs) {
    const { shape, data } = needed(node, inputs, 0);
    const pads = inputs[1] ? Array.from(inputs[1].data) : listAttribute(node, "pads");
    const result = shape.map((size, axis) => size + (pads[axis] ?? 0) + (pads[axis + shape.length] ?? 0));
    const padded = new Float32Array(countOf(result)).fill(inputs[2]?.data[0] ?? 0);
    for (let at = 0; at < data.length; at++) padded[paddedPlace(at, shape, result, pads)] = data[at] as number;
    return [floats(result, padded)];
  },
};

const paddedDim = (dim: Dim, pads: number): Dim => (pads === 0 ? dim : (dim as number) + pads);

function paddedPlace(at: number, shape: readonly number[], result: readonly number[], pads: readonly number[]): number {
  let [rest, place, step] = [at, 0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    place += ((rest % size) + (pads[axis] ?? 0)) * step;
    rest = Math.floor(rest / size);
    step *= result[axis] as number;
  }
  return place;
}

/** A sum or a product, then an activation. Beside an image, [batch, channels] is one number for each channel. */
const activated = (spec: OperationSpec): OperationSpec => ({
  infer: (node, [a, b]) => spec.infer(node, [a, besideImage(a, b)]),
  run(node, [a, b]) {
    const [result] = spec.run(node, [a, besideImage(a, b)]) as [Tensor];
    activate(node, result.data as Float32Array);
    return [result];
  },
});

function besideImage<Value extends { readonly shape: Shape }>(
  a: Value | undefined,
  b: Value | undefined,
): Value | undefined {
  return a?.shape.length === 4 && b?.shape.length === 2 ? { ...b, shape: [...b.shape, 1, 1] } : b;
}

const normalise: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const x = needed(node, inputs, 0);
    const width = x.shape.at(-1) as number;
    const result = Float32Array.from(x.data);
    for (let row = 0; row < result.length; row += width) {
      const values = result.subarray(row, row + width);
      const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      values.forEach((value, at) => {
        values[at] = value / Math.max(size, numberAttribute(node, "epsilon"));
      });
    }
    return [floats(x.shape, result)];
  },
};

/** An activation that stands alone until it is fused into what it follows. */
const activation: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const { shape, data } = needed(node, inputs, 0);
    const f = ACTIVATION_FUNCTIONS[textAttribute(node, "activation") as keyof typeof ACTIVATION_FUNCTIONS];
    return [floats(shape, Float32Array.from(data, f))];
  },
};

export const IMAGES: Readonly<Record<string, OperationSpec>> = {
  AveragePool: windowPool(averagePool),
  BatchNormalization: batchNormalization,
  GlobalAveragePool: globalPool(mean),
  GlobalMaxPool: globalPool(max),
  MaxPool: windowPool(() => max),
  Pad: pad,
  activation,
  add: activated(ELEMENTWISE.Add as OperationSpec),
  multiply: activated(ELEMENTWISE.Mul as OperationSpec),
  normalise,
  pool,
  "window-pool": windowPool((node) => (textAttribute(node, "kind") === "max" ? max : mean)),
};
