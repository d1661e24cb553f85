// Convolutions of images [batch, channels, height, width]: ONNX's, and the fused ones.
import { CompileError } from "../compile-error.ts";
import type { GraphNode, Shape } from "../graph.ts";
import { floats, type Tensor } from "../tensor.ts";
import { activate } from "./activations.ts";
import { numberAttribute, placeOf } from "./attributes.ts";
import { factsOf, needed, type OperationSpec } from "./operation.ts";
import { product, quantisedRows } from "./products.ts";
import { addTo } from "./rows.ts";
import { outputSize, windowOf, windowPlaces } from "./windows.ts";

/** The places of the weights and the bias among the inputs. */
interface Places {
  readonly weight: number;
  readonly bias: number;
  readonly residual?: number;
}

function convolution({ weight: weightAt, bias: biasAt, residual }: Places): OperationSpec {
  return {
    infer(node, inputs) {
      const { shape } = needed(node, inputs, 0);
      const weight = needed(node, inputs, weightAt).shape as readonly number[];
      checkChannels(node, shape, weight);
      const [height, width] = outputSize(node, windowOf(node, kernelSize(weight), shape), shape);
      return [factsOf([shape[0] as number, weight[0] as number, height, width])];
    },
    run(node, inputs) {
      const weight = needed(node, inputs, weightAt);
      const result = convolve(node, needed(node, inputs, 0), weight, inputs[biasAt]);
      activate(node, result.data);
      addTo(result.data, residual === undefined ? undefined : inputs[residual]);
      return [result];
    },
  };
}

const kernelSize = ([, , height = 0, width = 0]: readonly number[]): readonly [number, number] => [height, width];

/** A depthwise convolution has as many groups as channels. */
const groupsOf = (node: GraphNode, shape: Shape): number =>
  node.op === "depthwise" ? (shape[1] as number) : numberAttribute(node, "group", 1);

function checkChannels(node: GraphNode, shape: Shape, weight: readonly number[]): void {
  const groups = groupsOf(node, shape);
  if (shape.length === 4 && weight.length === 4 && shape[1] === (weight[1] as number) * groups) return;
  const found = `its image is [${shape.join(", ")}], its weight [${weight.join(", ")}], in ${groups} groups`;
  throw new CompileError(
    placeOf(node),
    `${found}; expected [batch, channels, height, width] of images, and channels that fit`,
  );
}

function convolve(
  node: GraphNode,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
): Tensor & { data: Float32Array } {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const window = windowOf(node, kernelSize(weight.shape), x.shape);
  const to = outputSize(node, window, x.shape);
  const places = windowPlaces(window, [height, width], to);
  const groups = groupsOf(node, x.shape);
  const outputs = weight.shape[0] as number;
  const pixels = to[0] * to[1];
  const result = new Float32Array(batch * outputs * pixels);
  for (let one = 0; one < batch * groups; one++) {
    const group = one % groups;
    const from = x.data.subarray(
      (one * channels * height * width) / groups,
      ((one + 1) * channels * height * width) / groups,
    );
    const rows = windowRows(from, places, channels / groups, height * width, pixels);
    const kernel = weight.data.subarray(
      (group * weight.data.length) / groups,
      ((group + 1) * weight.data.length) / groups,
    );
    writeGroup(
      node,
      { rows, kernel, pixels, outputs: outputs / groups },
      result.subarray((one * outputs * pixels) / groups),
    );
  }
  for (let at = 0; at < result.length; at++)
    result[at] = (result[at] as number) + (bias?.data[Math.floor(at / pixels) % outputs] ?? 0);
  return { ...floats([batch, outputs, to[0], to[1]], result), data: result };
}

/** [pixels][channels][places of the kernel] */
function windowRows(
  image: ArrayLike<number>,
  places: Int32Array,
  channels: number,
  area: number,
  pixels: number,
): Float32Array {
  const taps = places.length / pixels;
  const rows = new Float32Array(places.length * channels);
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let tap = 0; tap < taps; tap++) {
      const place = places[pixel * taps + tap] as number;
      if (place < 0) continue;
      for (let channel = 0; channel < channels; channel++)
        rows[(pixel * channels + channel) * taps + tap] = image[channel * area + place] as number;
    }
  return rows;
}

interface Group {
  readonly rows: Float32Array;
  readonly kernel: ArrayLike<number>;
  readonly pixels: number;
  readonly outputs: number;
}

function writeGroup(node: GraphNode, { rows, kernel, pixels, outputs }: Group, result: Float32Array): void {
  const depth = rows.length / pixels;
  const limit = numberAttribute(node, "activationLimit", 0);
  const given = limit > 0 ? quantisedRows(rows, depth, limit) : rows;
  // [outputs, depth] · [depth, pixels]: the result has the order of an image.
  const columns = new Float32Array(given.length);
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let k = 0; k < depth; k++) columns[k * pixels + pixel] = given[pixel * depth + k] as number;
  result.set(product(kernel, columns, outputs, depth, pixels));
}

export const CONVOLUTIONS: Readonly<Record<string, OperationSpec>> = {
  Conv: convolution({ weight: 1, bias: 2 }),
  conv: convolution({ weight: 2, bias: 3, residual: 1 }),
  depthwise: convolution({ weight: 1, bias: 2 }),
};
