// Calls about predictions, and those that are captured for review.
import type { CaptureLabel, CaptureView } from "../contract/captures.ts";
import type { Page, PageQuery } from "../contract/common.ts";
import type { Input } from "../contract/inputs.ts";
import type { Predictions, PredictOptions } from "../contract/predict.ts";
import type { UploadResult } from "../contract/upload-result.ts";
import { type Api, jsonBody, path, type Sent } from "./api.ts";

/** 1 to 256 inputs; or vectors of the head's dimension, one after the other, without the cost of JSON. */
export type Inputs = readonly Input[] | Float32Array<ArrayBuffer>;

function sentOf(inputs: Inputs, options: PredictOptions): Sent {
  if (!(inputs instanceof Float32Array)) return { body: jsonBody({ inputs, ...options }), repeatable: true };
  const content = new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength);
  return { query: options, body: { type: "application/vnd.lastlayer.f32", content }, repeatable: true };
}

export const predictionCalls = (api: Api) => ({
  /** One answer for each input, in order. An invalid input gets an error in its place. */
  predict: (head: string, inputs: Inputs, options: PredictOptions = {}): Promise<Predictions> =>
    api.json("POST", path`/v1/heads/${head}/predict`, sentOf(inputs, options)),

  /** A page of captured inputs for review, most uncertain first. */
  listCaptures: (head: string, query?: PageQuery): Promise<Page<CaptureView>> =>
    api.json("GET", path`/v1/heads/${head}/captures`, { query }),

  /** Makes a captured input an example. */
  labelCapture: (head: string, id: string, label: CaptureLabel): Promise<UploadResult> =>
    api.json("POST", path`/v1/heads/${head}/captures/${id}/label`, { body: jsonBody(label) }),

  deleteCapture: (head: string, id: string): Promise<void> =>
    api.json("DELETE", path`/v1/heads/${head}/captures/${id}`),
});
