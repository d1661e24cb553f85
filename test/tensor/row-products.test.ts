// A head's logits without tfjs: the same bits as scaling and the kernel with it, for all sizes and scales.
import { describe, expect, it } from "vitest";
import { HEAD_KINDS } from "../../src/engine/heads/registry.ts";
import { scaleRows } from "../../src/engine/heads/scaler.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor } from "../../src/tensor/features.ts";
import { normals, type Random, seededRandom } from "../support/random.ts";

const EXTENTS = [
  [1, 1],
  [3, 2],
  [8, 8],
  [37, 10],
  [256, 77],
  [384, 10],
  [1_024, 2],
  [4_096, 8],
  [8, 5_000],
] as const;

const { forwardRaw, forward, decode, init } = HEAD_KINDS.linear;

const drawnScaler = (random: Random, dims: number, scale: number) => ({
  mean: normals(random, dims).map((value) => value * scale),
  inverse: normals(random, dims).map((value) => Math.abs(value / scale)),
  target: { mean: 0, deviation: 1 },
});

describe.each(EXTENTS)("the product of a row of %i dimensions, %i outputs", (dims, outputs) => {
  it.each([1e-30, 1, 1e15])("gives the kernel's bits at the scale of %d", async (scale) => {
    await bootTensor();
    const random = seededRandom(dims + outputs);
    const shape = { dims, outputs, hidden: 0 };
    const weights = [{ weights: normals(random, dims * outputs), bias: normals(random, outputs) }];
    const parameters = decode(shape, weights);
    const scaler = drawnScaler(random, dims, scale);
    let compared = 0;
    for (const rows of [1, 2, 3, 5]) {
      const features = normals(random, rows * dims).map((value) => value * scale);
      features[rows * dims - 1] = 3e38; // far beyond the clipping bound
      const raw = forwardRaw({ outputs, parameters, scaler }, features, rows);
      if (!raw) continue;
      const x = FeatureTensor.single(scaleRows(features, scaler), rows, dims);
      expect(raw).toEqual(forward(shape, parameters, x));
      x.dispose();
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

const plain = (dims: number) => ({ mean: new Float32Array(dims), inverse: new Float32Array(dims).fill(1) });

it("a head that the kernel's memory cannot hold is left to tfjs", () => {
  const [dims, outputs] = [4_096, 77];
  const head = { outputs, parameters: init({ dims, outputs, hidden: 0 }, 0), scaler: plain(dims) };
  expect(forwardRaw(head, new Float32Array(dims), 1)).toBeNull();
});

it("the kernel answers for several heads in turn, although it holds only one", () => {
  const shape = { dims: 8, outputs: 1, hidden: 0 };
  const heads = [1, 2, 3].map((weight) => ({
    outputs: 1,
    parameters: decode(shape, [{ weights: new Float32Array(8).fill(weight), bias: new Float32Array(1) }]),
    scaler: { mean: new Float32Array(8).fill(weight), inverse: new Float32Array(8).fill(2 * weight) },
  }));
  for (const [i, k] of [0, 0, 1, 2, 0, 2].entries()) {
    const [output] = forwardRaw(heads[k] as (typeof heads)[0], new Float32Array(8).fill(10), 1) ?? [];
    expect([i, output]).toEqual([i, 8 * (k + 1) * 2 * (k + 1) * (10 - (k + 1))]);
  }
});
