// A real picture network, compiled to a bundle, compared with onnxruntime on the same pixels.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { DATASETS, present } from "../journeys/support.ts";
import { compileModel, loadInNode } from "../support/compiled-bundle.ts";

const MODEL = join(DATASETS, "../models/efficientnet-lite0-onnx/model.onnx");
const SIDE = 224;
const PIXELS = SIDE * SIDE;
const RULES = ["--output", "features", "--mean", "127", "--deviation", "128", "--filter", "bicubic"];

/** A picture of waves: [height][width][3], from −1 to 1. */
const picture = (seed: number): Float32Array =>
  Float32Array.from({ length: 3 * PIXELS }, (_, at) => {
    const [channel, x, y] = [at % 3, Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
    return Math.sin(x / (11 + seed) + channel) * Math.cos(y / (17 + 3 * channel) + seed);
  });

/** The same, one plane for each channel. */
const planes = (pixels: Float32Array): Float32Array =>
  Float32Array.from(pixels, (_, at) => pixels[(at % PIXELS) * 3 + Math.floor(at / PIXELS)] as number);

async function referenceOf(pixels: Float32Array): Promise<Float32Array> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(MODEL));
  const image = new ort.Tensor("float32", planes(pixels), [1, 3, SIDE, SIDE]);
  const { features } = await session.run({ image }, ["features"]);
  return features?.data as Float32Array;
}

/** The length of the difference, as a share of the length. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  const differences = actual.map((value, at) => value - (expected[at] as number));
  return Math.hypot(...differences) / Math.hypot(...expected);
}

describe.skipIf(!present(MODEL))("EfficientNet-Lite0", () => {
  it.each([
    { weights: "f32", most: 1e-4 },
    { weights: "f16", most: 1e-2 },
  ])("agrees with onnxruntime: $weights", async ({ weights, most }) => {
    const graph = await loadInNode(compileModel(MODEL, [...RULES, "--weights", weights]));
    const batch = [1, 5].map(picture);
    const values = new Float32Array(2 * 3 * PIXELS);
    batch.forEach((pixels, at) => {
      values.set(pixels, at * pixels.length);
    });
    const { output } = await graph.run({ count: 2, lengths: [], values }, ["output"]);
    for (const [at, pixels] of batch.entries()) {
      const own = (output as Float32Array).subarray(1_280 * at, 1_280 * (at + 1));
      const error = relativeError(own, await referenceOf(pixels));
      console.log(`${weights}: relative error ${error.toExponential(2)}`);
      expect(error).toBeLessThan(most);
    }
  });
});
