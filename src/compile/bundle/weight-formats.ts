// Encodes weights in the formats of a bundle, and decodes them again to measure what a format costs.
import type { WeightFormat } from "../../contract/bundle/bundle.ts";
import { float16ToFloat32, float32ToFloat16 } from "../half-floats.ts";
import { float32Of, floats, type Tensor } from "../tensor.ts";
import { decodePanels, encodePanels, int8Panels } from "./panels.ts";
import { decodeInt4Rows, decodeInt8Rows, encodeInt4Rows, encodeInt8Rows } from "./rows.ts";

interface Codec {
  encode(tensor: Tensor): Uint8Array;
  decode(bytes: Uint8Array, shape: readonly number[]): Float32Array;
}

const f32: Codec = {
  encode: (tensor) => new Uint8Array(float32Of(tensor).slice().buffer),
  decode: (bytes) => new Float32Array(Uint8Array.from(bytes).buffer),
};

const f16: Codec = {
  encode: ({ data }) => new Uint8Array(Uint16Array.from(data, float32ToFloat16).buffer),
  decode: (bytes) => Float32Array.from(new Uint16Array(Uint8Array.from(bytes).buffer), float16ToFloat32),
};

/** Panels are the same matrix in another order, stored as `numbers` stores it. */
const inPanels = (numbers: Codec): Codec => ({
  encode: (tensor) => numbers.encode(encodePanels(tensor)),
  decode: (bytes, shape) => decodePanels(numbers.decode(bytes, shape), shape),
});

const CODECS: Readonly<Record<WeightFormat, Codec>> = {
  f32,
  "f32-rows": f32,
  "f16-rows": f16,
  "f32-panels": inPanels(f32),
  "f16-panels": inPanels(f16),
  "int8-panels": int8Panels,
  "int8-rows": { encode: encodeInt8Rows, decode: decodeInt8Rows },
  "int4-rows": { encode: encodeInt4Rows, decode: decodeInt4Rows },
};

export const encodeWeight = (format: WeightFormat, tensor: Tensor): Uint8Array => CODECS[format].encode(tensor);

export const decodeWeight = (format: WeightFormat, bytes: Uint8Array, shape: readonly number[]): Tensor =>
  floats(shape, CODECS[format].decode(bytes, shape));
