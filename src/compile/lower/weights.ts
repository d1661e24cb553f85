// The weights of operations in the order in which the bundle has them.
import type { FusedName } from "../graph.ts";
import { float32Of, floats, type Tensor } from "../tensor.ts";

export function weightOf(op: FusedName, role: string, tensor: Tensor): Tensor {
  if (op === "conv" && role === "weight") return kernelMatrix(tensor);
  if (op === "depthwise" && role === "weight") return depthwiseMatrix(tensor);
  return floats(tensor.shape, float32Of(tensor));
}

/** [outputs, channels, height, width] → [height · width · channels, outputs] */
export function kernelMatrix({ shape, data }: Tensor): Tensor {
  const [outputs = 0, channels = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++)
    for (let channel = 0; channel < channels; channel++)
      for (let place = 0; place < area; place++)
        result[(place * channels + channel) * outputs + output] = data[
          (output * channels + channel) * area + place
        ] as number;
  return floats([area * channels, outputs], result);
}

/** [channels, 1, height, width] → [height · width, channels] */
function depthwiseMatrix({ shape, data }: Tensor): Tensor {
  const [channels = 0, , height = 0, width = 0] = shape;
  return kernelMatrix({ type: "f32", shape: [channels, 1, height, width], data });
}

/** The inverse of `kernelMatrix`. */
export function kernelOf({ data }: Tensor, shape: readonly number[]): Tensor {
  const [outputs = 0, channels = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const output = at % outputs;
    const channel = Math.floor(at / outputs) % channels;
    const place = Math.floor(at / outputs / channels);
    result[(output * channels + channel) * area + place] = data[at] as number;
  }
  return floats(shape, result);
}
